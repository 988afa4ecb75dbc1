"""Word lists for recognising organisations: legal forms, head nouns, acronyms, given names.

All are facts of Estonian in general, none of one collection.
"""

#: Legal form as written → as shown; looked up without case endings.
LEGAL_FORMS = {
    **{form: form for form in ("AS", "OÜ", "MTÜ", "SA", "TÜ", "UÜ", "FIE", "KÜ", "TÜH")},
    **{form: form for form in ("AB", "AG", "BV", "KG", "LLC", "LLP", "NV", "OAO", "OOO")},
    **{form: form for form in ("SIA", "UAB", "SRL", "PLC", "SE", "ApS", "A/S", "Oy", "Oyj")},
    **{form: form for form in ("GmbH", "Ltd", "Inc", "Plc", "Corp")},
    "aktsiaselts": "AS",
    "osaühing": "OÜ",
    "mittetulundusühing": "MTÜ",
    "sihtasutus": "SA",
    "täisühing": "TÜ",
    "usaldusühing": "UÜ",
}
#: Forms that are used before the name as well as after it.
LEADING_FORMS = frozenset({"AS", "OÜ", "MTÜ", "SA", "TÜ", "UÜ", "FIE", "KÜ", "SIA", "UAB", "OOO"})
#: Last part (or whole lemma) of nouns that head the name of an organisation.
HEADS = frozenset(
    """agentuur akadeemia allianss amet ansambel arhiiv assotsiatsioon büroo erakond
    fond föderatsioon gümnaasium haigla haigekassa inkubaator inspektsioon instituut kammer kassa
    keskus kirik klaster klubi koda kogu kolledž komisjon komitee kompanii kontsern konsortsium
    kool koor kliinik kliinikum
    laboratoorium labor liit lasteaed ministeerium muuseum ooper orkester pank parlament partei
    politsei prokuratuur raamatukogu raudtee ringhääling selts seltsing
    sihtasutus stuudio tehas teaduspark teater ülikool ühendus ühing ühistu valitsus võrgustik
    töötukassa filharmoonia kirjastus kombinaat vabrik esindus osaühing aktsiaselts
    grupp park nõukogu volikogu kohus prefektuur börs liiga jaam sadam galerii
    pataljon""".split()
)
#: Heads that are too common as parts of other nouns: only these compounds count.
NARROW_HEADS = {
    "kogu": frozenset(
        "riigikogu volikogu rahvakogu raamatukogu noortekogu koostöökogu kalanduskogu".split()
    ),
    "park": frozenset("teaduspark tehnoloogiapark tehnopark ettevõtluspark loomepark".split()),
    "kassa": frozenset("töötukassa haigekassa tervisekassa kultuurkapital".split()),
    "valitsus": frozenset("linnavalitsus vallavalitsus maavalitsus".split()),
    "kool": frozenset(
        """ülikool tehnikaülikool maaülikool rakenduskõrgkool kõrgkool tervishoiukõrgkool
        kunstikool kutsekool ametikool meediakool filmikool muusikakool majanduskool keskkool
        põhikool algkool eragümnaasium teatrikool balletikool""".split()
    ),
    "jaam": frozenset("elektrijaam soojuselektrijaam lennujaam ilmajaam".split()),
}
#: Whole words that end like a head noun but are none.
NON_HEADS = frozenset(
    """tähelepanukeskus raskuskeskus põlvkond koostöövõrgustik sotsiaalvõrgustik peakomisjon
    töögrupp sihtgrupp fookusgrupp vanusegrupp rühmitus veresoonkond infofond kaadriosakond
    põhiamet lisaamet õpetajaamet ametnik raudteeühendus bussiühendus lennuühendus
    transpordiühendus internetiühendus ühendus tööpank geenipank andmepank pesapark masinapark
    tööstuspark teenindusklaster arvutiklaster nõukogu valitsus kabinet peaministribüroo
    aastakoosolek kool koor park kohus esindus kogu pank grupp kammer kassa politsei
    raekoda vallakeskus maakonnakeskus alevikeskus tõmbekeskus teenuskeskus
    alagrupp vahegrupp finaalgrupp riskigrupp eagrupp""".split()
)
#: Generic nouns: alone they are no name, capitalised or not.
GENERIC_NAMES = frozenset(
    """aktsiaselts osaühing mittetulundusühing täisühing usaldusühing sihtasutus kaubanduskeskus
    keskus kompetentsikeskus arenduskeskus kultuurikeskus teaduspark tehnoloogiapark ülikool
    kõrgkool kutsekool ametikool rakenduskõrgkool linnavalitsus vallavalitsus maavalitsus volikogu
    linnavolikogu vallavolikogu nõukogu raamatukogu erialaliit katusorganisatsioon
    ettevõtluskeskus huvikeskus spordiklubi tugikeskus teabekeskus infokeskus ostukeskus
    andmekeskus logistikakeskus konverentsikeskus messikeskus kontserdimaja loomeinkubaator
    ettevõtlusinkubaator teadusasutus alaliit katuseliit spordiliit kutseliit""".split()
)
#: Nouns in lower case that may head a name whose other words are capitalised.
LOWER_CASE_HEADS = frozenset(
    """klaster liit ühing selts keskus koda fond instituut ülikool akadeemia agentuur ühistu
    inkubaator kompetentsikeskus arenduskeskus sihtasutus teaduspark muuseum teater kolledž
    gümnaasium haigla kliinik""".split()
)
#: Those that may be named after a person, firm or place: „Oxfordi ülikool“.
EPONYMOUS_HEADS = frozenset(
    "ülikool kolledž gümnaasium instituut akadeemia fond muuseum haigla kliinik".split()
)
#: Bodies of the Estonian state that are names in lower case, too; so are ministries.
STATE_BODIES = frozenset(
    """riigikogu riigikohus riigikontroll riigikantselei riigiprokuratuur kaitsepolitsei
    kaitsepolitseiamet keskkriminaalpolitsei kaitseliit kaitsevägi piirivalve piirivalveamet
    politseiamet päästeamet maksuamet tolliamet keskkonnaamet keskkonnainspektsioon ravimiamet
    terviseamet konkurentsiamet tarbijakaitseamet maanteeamet transpordiamet lennuamet
    veeteedeamet statistikaamet patendiamet muinsuskaitseamet keeleinspektsioon keeleamet
    tööinspektsioon haigekassa tervisekassa töötukassa kultuurkapital rahvusringhääling
    rahvusarhiiv rahvusraamatukogu andmekaitseinspektsioon maa-amet munitsipaalpolitsei häirekeskus
    kriminaalpolitsei riigikaitsenõukogu keskuurimisbüroo julgeolekupolitsei rahapesubüroo
    riigimetsaamet keskpank geoloogiateenistus luureamet välisluureamet teabeamet
    sotsiaalkindlustusamet""".split()
)
#: Last part of nouns for a unit of an organisation.
UNITS = frozenset(
    """osakond teaduskond kateeder fraktsioon filiaal talitus kolleegium uurimisrühm büroo komitee
    komisjon teenistus toimetus instituut labor laboratoorium naiskond meeskond""".split()
)
#: Last part of lower-case nouns for an own organisation beside its parent: „TÜ spordiklubi“.
SUBSIDIARY_HEADS = frozenset(
    """klubi muuseum koor ansambel teater kool gümnaasium selts liit ühing fond kirjastus
    raamatukogu kolledž haigla kliinikum arhiiv""".split()
)
#: Last part of nouns in lower case that a place before them makes a name: „Tartu linnavalitsus“.
LOCAL_HEADS = frozenset("valitsus volikogu kohus prefektuur amet börs jaam ülikool vangla".split())
#: Whole nouns in lower case that a town before them makes a name: „Narva haigla“.
TOWN_HEADS = frozenset("haigla kolledž".split())
#: Last part of compounds in lower case that a place before them makes a name: „Eesti erametsaliit“.
COMPOUND_HEADS = frozenset(
    """liit selts ühing koda akadeemia gümnaasium teater haigla muuseum kolledž kool kogu arhiiv
    raamatukogu orkester assotsiatsioon föderatsioon instituut inspektsioon klaster keskus
    kliinikum teaduspark filharmoonia""".split()
)
#: Those of which a country has one.
COUNTRY_HEADS = frozenset("liit selts ühing koda kogu assotsiatsioon föderatsioon muuseum".split())
#: Heads in lower case of names whose inner words are in lower case, too, behind a place: „Taani
#: näitlejate liit“, „Tallinna linnaplaneerimise amet“.
CHAIN_HEADS = frozenset(
    """liit keskliit selts ühing koda amet keskus kalanduskogu assotsiatsioon föderatsioon
    agentuur inspektsioon instituut akadeemia muuseum fond klaster ülikool""".split()
)
#: Genitives that are in no such chain: „Tallinna linna keskus“.
NON_CHAIN_NOUNS = frozenset(
    "linn vald küla alev maakond saar riik piirkond president valitsus rahvas".split()
)
#: Heads shared by coordinated places: „Ida-Tallinna ja Lääne-Tallinna keskhaigla“.
SHARED_HEADS = frozenset(
    """haigla gümnaasium kool kolledž ülikool muuseum teater linnavalitsus vallavalitsus
    linnavolikogu vallavolikogu maakohus halduskohus ringkonnakohus prefektuur raamatukogu
    liit""".split()
)
#: Nouns for what only companies have: „Autorollo aktsionärid“.
COMPANY_ATTRIBUTES = frozenset(
    """tegevjuht tegevdirektor juhatus aktsia aktsionär tütarfirma tütarettevõte emafirma
    emaettevõte pankrot pankrotimenetlus pankrotihaldur käive müügitulu
    kommunikatsioonijuht turundusjuht turundusdirektor müügijuht müügidirektor finantsjuht
    personalijuht tootmisjuht peakorter peakontor suuromanik asepresident kaasasutaja
    tehnoloogiajuht arendusjuht kommunikatsioonidirektor börsiprospekt poekett tootmisüksus
    kvartalikasum osanik filiaal""".split()
)
#: Heads of bodies of a whole country.
NATIONAL_HEADS = frozenset("valitsus parlament kaitsevägi politsei".split())
#: Heads that are too vague to refer to a name elsewhere in the article.
VAGUE_HEADS = frozenset(
    """kool grupp komisjon komitee kogu koor park kammer kassa büroo esindus ühendus nõukogu
    kohus jaam elektrijaam lennujaam sadam börs liiga galerii pank internetipank""".split()
)
#: Platforms and software that articles name as tools, not as organisations.
PLATFORMS = frozenset(
    """internet windows linux unix excel word powerpoint outlook android ios java javascript python
    perl php ethernet bluetooth wifi facebook twitter instagram youtube tiktok linkedin whatsapp
    skype zoom teams messenger wikipedia brexit""".split()
)
#: Districts of towns, and seats of power, which the tagger takes for organisations.
DISTRICTS = frozenset(
    """toompea kadriorg lasnamäe mustamäe õismäe nõmme pirita kalamaja kopli ülemiste noblessner
    annelinn karlova supilinn tammelinn raadi kreml""".split()
)
#: Titles before the name of a person.
TITLES = frozenset("hr pr prl dr prof mr mrs ms härra proua preili".split())
#: Nouns for persons, which follow the name of their organisation.
ROLES = frozenset(
    """juht direktor president esimees liige minister kantsler nõunik ekspert spetsialist õpilane
    tudeng üliõpilane abiturient doktorant magistrant dotsent professor mänedžer treener mängija
    kolleeg esindaja töötaja ametnik asekantsler komissar rektor dekaan toimetaja ajakirjanik
    peatoimetaja pressiesindaja liider saadik senaator prokurör kohtunik advokaat
    arst""".split()
)
#: Nouns that take a name in apposition: „klastrist Avaesen“.
APPOSITION_NOUNS = frozenset(
    """klaster ettevõte firma idufirma organisatsioon ühing agentuur stuudio kompanii kirjastus
    inkubaator kontsern mänguettevõte tarkvarafirma tarkvaraettevõte disainibüroo reklaamiagentuur
    disainiagentuur mängustuudio filmistuudio tootmisettevõte jäätmekäitlusettevõte puidufirma
    teaduspark katusorganisatsioon energiaettevõte turismiettevõte reisifirma filmikompanii
    partnerettevõte liikmesettevõte mööblifirma muusikaagentuur kett supermarket klubi partei
    erakond pank ühistu valimisliit büroo""".split()
)
#: Nouns before which a name is that of a project, an event or a thing: „projekt Lehelaine“.
THING_NOUNS = frozenset(
    """projekt programm meede konverents mess seminar festival auhind konkurss standard süsteem
    direktiiv määrus algatus kampaania toode keskkond platvorm tarkvara rakendus ajakiri
    portaal saade film album raamat sari näitus töötuba koolitus kursus foorum päev nädal sündmus
    üritus võistlus tunnus märgis sertifikaat lahendus mäng seade suurprojekt arendusprojekt
    koostööprojekt pilootprojekt teemapäev infopäev projektikonkurss strateegia arengukava
    tehnoloogia meetod formaat fail ühik taotlusvoor voor eelprojekt häkaton""".split()
)
#: Those behind the name of a thing, „LIFE programm“; others may belong to an organisation.
THING_HEADS = frozenset(
    """projekt programm meede mess standard direktiiv määrus sertifikaat märgis süsteem tarkvara
    formaat fail tehnoloogia meetod ühik häkaton""".split()
)
#: Nouns for media outlets, which take a name in apposition: „ajaleht Vurr“.
MEDIA_NOUNS = frozenset(
    """ajaleht päevaleht nädalaleht majandusleht väljaanne uudisteagentuur telekanal telejaam
    raadiojaam uudisteportaal spordiportaal meediaväljaanne tabloid""".split()
)
#: Words in capitals before a headline: „GALERII Tallinna …“.
HEADLINE_LABELS = frozenset(
    "galerii video fotod foto pildid pilt intervjuu arvamus otse kuula vaata graafik suur".split()
)
#: Last words of English names of events and places: „Baltic Sauna Week“, „Central Park“.
EVENT_NOUNS = frozenset(
    """week festival awards forum conference cup challenge rally marathon night day days summit
    expo biennale championship open masters slam park square street stadium arena airport tower
    beach island""".split()
)
#: Words that end like a place name but are none.
NON_PLACES = frozenset("isamaa kodumaa sünnimaa emamaa välismaa vastasmaa".split())
#: Points of the compass, which name regional offices.
REGIONS = frozenset("lõuna põhja ida lääne kesk kagu edela loode kirde".split())
#: Abbreviations before names of sports clubs, which may be left out.
CLUB_PREFIXES = frozenset("FC JK KK BC SK HC VK RK SC KJK PSK".split())
#: Labels before the credit of a picture.
CREDIT_LABELS = frozenset("foto fotod allikas pilt video graafika".split())
#: Last part of nouns behind the name of a place.
GEOGRAPHIC_NOUNS = frozenset(
    """väljak plats tänav maantee puiestee tee linn linnaosa vald küla alev maakond saar jõgi järv
    mägi mets laht sild põik allee park rand kallas org maja hoone loss mõis hall
    staadion hotell restoran kohvik kino spaa""".split()
)
#: Last part of nouns for venues: „Lydia hotell“ is a place.
VENUES = frozenset("hotell restoran kohvik kino spaa baar külalistemaja".split())
#: Acronyms that name no organisation.
OTHER_ACRONYMS = frozenset(
    """EL EU USA US UK EE RU NSVL ENSV SRÜ IT IKT ICT ITK AI TI IOT VR AR XR ML CNC CAD CAM ERP CRM
    PLM BIM GIS GPS LED LCD RFID USB PC HD DVD CD MP3 WIFI API HTML PDF URL WWW SMS QR 3D 2D 4D
    5G 4G CO2 PET PVC DNA RNA UV PH ISO EN EVS CE EMAS KPI SKP SKT VKE SME KOV KMH KMS TA T&A TAI
    RD R&D PR HR B2B B2C B2G CEO CFO CTO CV ID IP OK KM KW MW GW KWH MWH GWH TWH EUR EEK USD GBP
    NB PS SOS UFO VIP DIY FAQ Q&A RES EST ERA ERAF ERDF ESF ÜF MVT BRT HIV AIDS COVID PCR CT
    MRT EKG SUV DJ ABC LTE MAK LIFE LEADER INTERREG EURES FTE OEM ODM SAAS PAAS MVP NFT SEO
    SWOT PESTLE EMTAK KOFS II III IV VI VII VIII IX XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI
    XXX MM CM KG ML KV TALV JUH EKR NR TEL FAX MEUR CLT MDF OSB FSC PEFC REACH WEEE LCA EPD BAT
    THE ALL AND FOR NEW TOP LIVE PST PDT
    HDR UHD FLAC ISBN ISSN RMS HTTP HTTPS ÖKO BIO EM MM OM""".split()
)
#: Lemmas of words before names that are no part of them.
NON_NAME_MODIFIERS = frozenset(
    """projekt konverents ettevõte firma partner liige juht juhataja direktor esimees president
    esindaja seminar kohtumine üritus aasta kuu nädal päev koostöö teema osaleja eesmärk töö uus
    meie oma see tema kõik iga kogu mitu paljud teine esimene järgmine eelmine tänavune käesolev
    sügis kevad suvi talv hommik õhtu nõukogu juhatus koosolek leping toetus näitus mess festival
    hea suur väike vana noor sama muu mõni üks kaks kolm neli viis kümme programm teenus toode
    asutaja omanik klient tootja juhatuse tegevjuht spetsialist asjatundja professor õpetaja
    minister peaminister kantsler koolitus uuring idee abi kava plaan arv hulk
    klaster liit ühing""".split()
)
#: Lemmas before a noun that make it refer to another one.
OTHER_DETERMINERS = frozenset(
    """iga mõni mitu ükski teine muu mingi uus üks kaks kolm neli viis oma paljud kõik ükskõik
    kolmas järgmine eelmine""".split()
)
COUNTRIES = frozenset(
    """eesti läti leedu soome rootsi norra taani islandi saksa saksamaa vene venemaa poola prantsuse
    prantsusmaa itaalia hispaania portugali hollandi belgia austria šveitsi tšehhi ungari rumeenia
    bulgaaria kreeka türgi ukraina valgevene inglise suurbritannia briti iiri ameerika hiina jaapani
    india euroopa aasia aafrika balti baltikumi põhjamaade skandinaavia läänemere eu""".split()
)
HOME_COUNTRY = frozenset({"eesti", "eestimaa"})
#: Lemmas of funding notes.
FUNDING = frozenset(
    """rahastama kaasrahastama finantseerima kaasfinantseerima rahastamine kaasrahastamine
    toetama toetus rahastus kaasrahastus""".split()
)
FUNDED_NOUNS = frozenset(
    """projekt tegevus klaster koolitus seminar konverents üritus artikkel uuring arendus õppereis
    messikülastus osalemine elluviimine""".split()
)

#: Head nouns of English names: the last word, or the one before „of“ or „for“.
ENGLISH_HEADS = frozenset(
    """platform cluster clusters association network foundation institute university agency
    federation alliance council commission centre center group chamber union society college
    academy bank laboratory consortium partnership authority ministry museum observatory
    initiative company corporation board committee""".split()
)
#: Heads of names in neighbouring languages, as whole words or ends of compounds.
FOREIGN_HEAD_ENDINGS = (
    *("cluster", "clúster", "institut", "büro", "verband", "verein", "stiftung", "gesellschaft"),
    *("keskus", "liitto", "yhdistys", "säätiö", "klusteri", "centrum", "förening", "förbund"),
    *("klynge", "klynga", "biedrība", "asociacija", "klasteris", "universität", "hochschule"),
)
#: Foreign head nouns at the beginning of a name: „Clúster Valdeverde“.
FOREIGN_LEADING_HEADS = frozenset(
    """cluster clúster klaster klub institut instituto universität université universidad
    universidade asociación association fundación fundacja stowarzyszenie pôle""".split()
)
#: Estonian heads that mark a name in a text of another language, too.
FOREIGN_TEXT_HEADS = (
    *("klaster", "liit", "ühing", "selts", "keskus", "koda", "ülikool", "kolledž", "ministeerium"),
    *("sihtasutus", "instituut", "agentuur", "kõrgkool", "muuseum", "haigla", "teaduspark", "amet"),
)
#: Words that begin English sentences, not names.
ENGLISH_STARTERS = frozenset(
    """at in on the with for from as by when while but and both since after before during under
    among according our their its his her this that these those a an to if also here there
    together today yesterday last next no not one two three all each every partners members
    estonian company companies meanwhile however although because under over""".split()
)
ENGLISH_LINKS = frozenset({"of", "for", "and", "the", "in", "on", "&"})

#: Given names common in Estonia, lower case; a name that begins with one is a person's.
GIVEN_NAMES = frozenset(
    """aare aive aivar allan andra andres andrus anna anne anneli anti anu ants ardo argo arne arno
    art arvi arvo aune ave bianca birgit eda eero egle eha eve evelin eda eerik elina elle ene erik
    erki ester eva eveli gert gerli getter hannes hanno hans heidi heigo heiki heli helen helena
    henri hille ilmar imre inga inge ingrid ivar ivo jaak jaan jaana jaanus jana janek janika janne
    janno jarmo joel johanna johannes juhan jüri kadi kadri kai kaido kaie kaire kaja kalev kalle
    kalmer karin karl karmen katre katri katrin kaupo kersti kerli ketlin kirsti krista kristel
    kristi kristiina kristjan kristo külli küllike laura lauri lea leho leo liina liis liisa liisi
    lembit maarika maarja madis mai maia maie maire mait malle margit margus mari maria marika
    marina mario marko markus mart marti martin mati meelis merike merle merli mihkel moonika
    märt mai neeme olev oliver oskar ott peep peeter piia piret pirgit priit raivo raul rain
    rainer rasmus reet reigo reimo rein riho riina rita risto rivo robert ruth sander signe siim
    siiri sirje sirli siret sulev sven tanel tarmo tarvo tauno tea terje tiia tiina tiit tiiu toomas
    toivo triin triinu tõnis tõnu uku ulvi urmas urve vahur vaido valdo veiko vello viire viktor
    villu virve ülle üllar ülo""".split()
)
