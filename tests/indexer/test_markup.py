"""HTML to paragraphs: lists, tables, breaks, what is left out, and hostile nesting."""

import pytest

from indexer.sources.pages.markup import paragraphs_of


@pytest.mark.parametrize(
    ("fragment", "paragraphs"),
    [
        ("<p>Klaster <b>kas</b>vab.</p>\n<p>Liit&shy;mine on <a href='/x'>avatud</a>.</p>",
         ["Klaster kasvab.", "Liitmine on avatud."]),
        ("<h2>Kava</h2>Avasõnad<br>Ettekanded<br><br>Lõuna&nbsp;kell 12",
         ["Kava", "Avasõnad\nEttekanded", "Lõuna kell 12"]),
        ("<ul><li>üks<li><p>kaks</p><ol><li>kolm</ol></ul>lõpp", ["- üks\n- kaks\n- kolm", "lõpp"]),
        ("<table><tr><th>Aeg<th>Koht<tr><td><p>10.00</p><td>Tartu<br>80<tr><td>&nbsp;</table>",
         ["Aeg | Koht\n10.00 | Tartu 80"]),
        ("<table><tr><td>menüü<td><p>" + "Pikk lugu. " * 40 + "</p><p>Teine lõik.</p></table>",
         ["menüü", ("Pikk lugu. " * 40).strip(), "Teine lõik."]),
        ("<dl><dt>Aeg<dd>3. mai</dl><pre>rida\n  teine</pre>", ["Aeg\n3. mai", "rida\nteine"]),
        ("CO<sub>2</sub> &scaron; &amp;lt; &#150;<sup><a href='#f1'>1</a></sup>", ["CO2 š &lt; –"]),
        ("Enne<!-- m --><script>kood()</script><style>p {}</style> ja pärast.<template>x",
         ["Enne ja pärast."]),
        ("<figure><img alt='Pilt'><figcaption>Foto</figcaption></figure>Lugu.", ["Lugu."]),
        ("<p>Tekst.</p><div class='x sharedaddy'>Jaga</div><p class='shareholders'>Osanikud.</p>"
         "<div id='comments'><p>Tore!</p></div><p style='display: none'>peidus</p>",
         ["Tekst.", "Osanikud."]),
        ("<body class='sidebar comments'><main class='related'>Lugu</main>", ["Lugu"]),
        ("<p>Sama lõik kahe ekraani jaoks, mõlemal oma.</p>" * 2
         + "<p>Jah.</p><p>Miks?</p><p>Jah.</p>",
         ["Sama lõik kahe ekraani jaoks, mõlemal oma.", "Jah.", "Miks?", "Jah."]),
        ("ilma märgenditeta < tekst & muu", ["ilma märgenditeta < tekst & muu"]),
        ("<?xml version='1.0' encoding='cp1257'?><meta charset=cp1257><p>Õun\x00 &#1;", ["Õun"]),
        ("", []),
        ("<!-- ainult märkus -->", []),
        ("<a<b<c", []),
    ],
)  # fmt: skip
def test_fragments(fragment: str, paragraphs: list[str]) -> None:
    assert paragraphs_of(fragment) == paragraphs


def test_empty_lines_part_paragraphs_of_the_classic_editor() -> None:
    text = "Esimene rida\nteine\n\n<b>Uus</b> lõik\n<ul>\n<li>a</li>\n\n<li>b</li>\n</ul>\nlõpp"
    parted = ["Esimene rida\nteine", "Uus lõik", "- a\n- b", "lõpp"]
    assert paragraphs_of(text, empty_lines=True) == parted


@pytest.mark.parametrize("depth", [300, 2_000, 20_000])
def test_deep_nesting_loses_no_text(depth: int) -> None:
    inner = "<p>Sügaval <b>all</b> on tekst.</p><script>kood</script>Veel üks."
    html = f"<p>Ees.</p>{'<div>' * depth}{inner}{'</div>' * depth}<p>Taga.</p>"
    assert paragraphs_of(html) == ["Ees.", "Sügaval all on tekst.", "Veel üks.", "Taga."]


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * 50_000 + "sõna",
        "<table><tr><td>" * 3_000 + "sõna",
        "<ul><li>" * 10_000 + "sõna",
        "<p " + " ".join(f"a{n}=x" for n in range(50_000)) + ">sõna</p>",
        f"<img src='data:image/png;base64,{'A' * 1_000_000}'>sõna",
        "<p>" + "õ" * 11_000_000 + "</p>sõna",
    ],
    ids=["inline", "tables", "lists", "attributes", "picture", "one-text"],
)
def test_hostile_markup_keeps_its_text(html: str) -> None:
    assert paragraphs_of(html)[-1].endswith("sõna")
