"""A dozen articles with vectors, for tests of matches that share no word with the query."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from news import index_news

from search.configuration import Configuration
from search.engines.contract import ArticleVectors, PassageVector
from search.engines.registry import fingerprint, open_index
from search.meaning.embedder import Embedder, Vectors
from search.meaning.passages import passages_of

#: The first sentence of each is its title; articles are numbered from 1.
TEXTS = [
    "Alkoholi tarvitanud autojuhid jäid vahele. Politsei peatas laupäeva öösel Pärnu maanteel kolm"
    " sõidukit, mille juht oli purjus. Kõigilt võeti juhiluba ja üks mees veedab öö kambris.",
    "Homme on oodata vihma ja tuult. Sünoptik ütles, et sadu jõuab rannikule hommikuks ja kestab"
    " õhtuni. Nädala lõpus taevas selgineb ning sooja on kuni viisteist kraadi.",
    "Tartusse kerkib maja loodushuvilistele. Arhitekt kavandas näitusesaalid vana tehase kõrvale,"
    " kuhu tuuakse linnud, kivimid ja mammuti luud. Uksed avatakse kolme aasta pärast.",
    "Raielank tekitas külas pahameelt. Elanikud märkasid, et puude langetamine algas keset lindude"
    " pesitsemise aega. Amet peatas töö ja küsib firmalt seletust.",
    "Linnapea Laine Kivi avas lasteaia. Uues hoones on kuus rühma ja suur saal. Pidupäeval ütles"
    " linnapea Laine Kivi, et järgmisena parandatakse kooli katus.",
    "Laine Kivi kandideerib uuesti. Neli aastat linna juhtinud Laine Kivi teatas, et soovib"
    " jätkata. Volikogus toetab Laine Kivi kandidatuuri kaks erakonda.",
    "Rannale uhutud paat leiti üles. Tugev laine viis paadi ankrust lahti ja kandis selle kahe"
    " kivi vahele. Omanik ütles, et nii kõrge laine on lahes haruldane.",
    "Tehas viskab vähem ära. Puidujääkidest pressitakse graanuleid, millega köetakse kogu"
    " alevikku. Nii jõuab prügimäele ainult kümnendik endisest kogusest.",
    "Kõne pangatöötajalt osutus valeks. Eakas naine avaldas võõrale oma koodid ja kaotas kogu"
    " säästetud raha. Uurija sõnul helistavad kurjategijad väga veenva jutuga.",
    "Orkester andis suvel viis kontserti. Pillimehed sõitsid mööda saari ja mängisid kirikutes."
    " Kuulajaid oli igal õhtul mitusada.",
    "Haigla ostis röntgeniaparaadi. Pilt valmib nüüd minutiga ja arst näeb seda oma arvutist."
    " Järjekorrad peaksid lühenema juba kevadel.",
    "Kalurid said rekordsaagi. Räime püüti tänavu veerandi võrra enam kui mullu. Osa kalast"
    " läheb konservitööstusele, teine osa müüakse sadamas.",
]
DRUNK, WEATHER, MUSEUM, FELLING, FRAUD = "1", "2", "3", "4", "9"
#: Questions that share no content word with the article that answers them.
QUESTIONS = {
    "roolijoodikud": DRUNK,
    "ilmaprognoos": WEATHER,
    "metsaraie pesitsusajal": FELLING,
    "telefonipettused": FRAUD,
}
#: Topics by the prefixes of their words.
TOPICS = (
    ("joodik", "purjus", "alkohol", "sõidu"),
    ("ilma", "vihm", "tuul", "sadu"),
    ("muuseum", "näitus", "mammut"),
    ("raie", "raiu", "puude", "pesits"),
    ("linnapea", "kandid", "volikogu", "valimis"),
    ("petta", "pettus", "koodid", "kurjategij"),
)


#: Further dimensions, of which each text without a topic has one.
_OTHERS = 64


class TopicEmbedder:
    """An embedder with the same vector for all texts of one of ``TOPICS``."""

    name, digest, dimensions = "teemad", "teemad", len(TOPICS) + _OTHERS
    query_means = np.zeros((3, dimensions), np.float32)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_query(self, text: str) -> Vectors:
        """Embeds a question; without a topic it is similar to nothing."""
        self.asked.append(text)
        return self._vector(text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(each) for each in texts])

    def _vector(self, text: str) -> Vectors:
        low = text.lower()
        counts = [sum(map(low.count, words)) for words in TOPICS]
        others = np.zeros(_OTHERS)
        others[zlib.crc32(text.encode()) % _OTHERS] = not any(counts)
        vector = np.array([*counts, *others], dtype=np.float32)
        found: Vectors = vector / np.linalg.norm(vector)
        return found


def index_meant_news(folder: Path, embedder: Embedder, texts: Sequence[str] = TEXTS) -> Path:
    """An index of ``texts`` with the vectors of ``embedder``."""
    path = index_news(folder, texts)
    index = open_index(path)
    reader = index.open(fingerprint(Configuration()))
    batch = []
    for article_id in reader.article_ids():
        key, digest = reader.find(article_id), reader.digest(article_id)
        assert key is not None
        assert digest is not None
        article = reader.article(key)
        passages = passages_of(article.title, article.body_text)
        vectors = embedder.embed_passages([each.text for each in passages])
        batch.append(
            ArticleVectors(
                article_id,
                digest,
                tuple(
                    PassageVector(each.start, each.end, each.digest, vector)
                    for each, vector in zip(passages, vectors, strict=True)
                ),
            )
        )
    reader.close()
    assert index.add_vectors(embedder.digest, batch)
    return path
