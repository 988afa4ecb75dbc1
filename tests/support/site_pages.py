"""All kinds of pages over the example news, and the screen size of a phone."""

PHONE = {"width": 390, "height": 844}
PAGES = (
    "/",
    "/?q=klastrid",
    "/?q=klaster+robot&focus=rohe-ringmajandus&not_year=2016",
    "/?q=klastrofoobia&focus=rohe-ringmajandus",
    "/?q=%22robot+saepuru%22&focus=rohe-ringmajandus&year=2016",
    "/?q=klastrid&colour=focus",
    "/article/2009-10-06-saepuru-ei-ole-prugi?q=puit",
    "/?q=klaster+" + "%C3%B5" * 200 + "&not_year=2016",
    "/?q=klastrid&year=2014-2018&org=EAS",
    "/abi",
    "/valdkonnad",
    "/valdkonnad/rohe-ringmajandus",
    "/organisatsioonid",
    "/organisatsioonid/emajoe-rakendusulikool",
    "/organisatsioonid/eas?colour=focus",
    "/facet/org?q=klastrid&org=EAS",
    "/organisatsioonid/laaneranna-tehnikaulikool?name=LT%C3%9C",
    "/vordle?org=EAS&org=Saarte+Elamusklaster",
    "/vordle?org=EAS&org=klaster",
    "/saidist",
    "/andmekaitse",
    "/haldajale",
    "/teata?article=2009-10-06-saepuru-ei-ole-prugi&facet=org&value=Leegivool+AS",
    "/valitud?id=ea0qs5ft.8a81axn7.00000000",
)
