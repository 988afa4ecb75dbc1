"""Scripts for vector similarity: cosines of a query and passages without common directions.

A script gets the query vector as a text, a character for each number: it becomes an array in one
step, while a list of JSON would be looked up number by number. Numbers are rounded to a 55,000th of
the greatest, and cosines are right to 1e-5. ``search/meaning/all_but_the_top.py`` explains common
directions are; the length of a passage without them follows from its products with the mean and
the directions.
"""

from typing import Any

import numpy as np

from search.engines.opensearch.passage_vectors import HEAD_BYTES, SCALE_BYTES, TAIL_BYTES, padded
from search.engines.opensearch.term_scoring import Clause
from search.meaning.all_but_the_top import MOST_DIRECTIONS, CommonDirections
from search.meaning.embedder import Vectors
from search.meaning.fusion import FusedScore

#: The character for 0; twice its code is still below the surrogates.
_ZERO = 27_600
#: A passage whose squared length is less without common directions has none of its own.
_LEAST_SQUARE = 1e-6
_Params = dict[str, Any]

# Four numbers a step, as the server limits the steps of loops. Negative cosines are not computed
# exactly where only the greatest counts.
_COSINES = f"""
double cosines(BytesRef packed, Map params, boolean mean) {{
  byte[] b = packed.bytes;
  int at = packed.offset + {HEAD_BYTES - 4};
  int end = packed.offset + packed.length;
  int dimensions = params.dimensions;
  if (((b[at] & 255) | ((b[at + 1] & 255) << 8)) != dimensions) {{ return 0; }}
  at += 4;
  int size = params.padded;
  long zero = params.zero;
  char[] q = params.query.toCharArray();
  char[] m = params.mean.toCharArray();
  char[] d0 = params.direction0.toCharArray();
  char[] d1 = params.direction1.toCharArray();
  char[] d2 = params.direction2.toCharArray();
  double qUnit = params.query_unit, mUnit = params.mean_unit, qMean = params.query_mean;
  double unit0 = params.unit0, unit1 = params.unit1, unit2 = params.unit2;
  double mean0 = params.mean0, mean1 = params.mean1, mean2 = params.mean2;
  double square = params.square;
  double best = 0, sum = 0;
  int count = 0;
  while (at < end) {{
    double scale = Float.intBitsToFloat((b[at] & 255) | ((b[at + 1] & 255) << 8)
      | ((b[at + 2] & 255) << 16) | (b[at + 3] << 24));
    at += {SCALE_BYTES};
    long product = 0L, zeros = 0L;
    for (int i = 0; i < size; i += 4) {{
      int j = at + i;
      int v0 = b[j], v1 = b[j + 1], v2 = b[j + 2], v3 = b[j + 3];
      product += v0 * q[i] + v1 * q[i + 1] + v2 * q[i + 2] + v3 * q[i + 3];
      zeros += v0 + v1 + v2 + v3;
    }}
    zeros *= zero;
    double near = (product - zeros) * scale * qUnit - qMean;
    if (near > 0 || mean) {{
      long s = 0L, a = 0L, a0 = 0L, a1 = 0L, a2 = 0L;
      for (int i = 0; i < size; i += 4) {{
        int j = at + i;
        int v0 = b[j], v1 = b[j + 1], v2 = b[j + 2], v3 = b[j + 3];
        s += v0 * v0 + v1 * v1 + v2 * v2 + v3 * v3;
        a += v0 * m[i] + v1 * m[i + 1] + v2 * m[i + 2] + v3 * m[i + 3];
        a0 += v0 * d0[i] + v1 * d0[i + 1] + v2 * d0[i + 2] + v3 * d0[i + 3];
        a1 += v0 * d1[i] + v1 * d1[i + 1] + v2 * d1[i + 2] + v3 * d1[i + 3];
        a2 += v0 * d2[i] + v1 * d2[i + 1] + v2 * d2[i + 2] + v3 * d2[i + 3];
      }}
      double x0 = (a0 - zeros) * scale * unit0 - mean0;
      double x1 = (a1 - zeros) * scale * unit1 - mean1;
      double x2 = (a2 - zeros) * scale * unit2 - mean2;
      double own = s * scale * scale - 2 * (a - zeros) * scale * mUnit + square
        - x0 * x0 - x1 * x1 - x2 * x2;
      near = own > {_LEAST_SQUARE} ? Math.round(near / Math.sqrt(own) * 1e6) / 1e6 : 0;
      best = Math.max(best, near);
      sum += near;
    }}
    count += 1;
    at += size + {TAIL_BYTES};
  }}
  return mean ? sum / count : best;
}}
double nearness(def vectors, Map params, boolean mean) {{
  return vectors.size() == 0 ? 0 : cosines(vectors.get(0), params, mean);
}}
"""
#: The greatest cosine of a document's passages, at least 0.
NEAREST = _COSINES + "return nearness(doc['vectors'], params, false);"
_FUSED = (
    _COSINES
    + """
double above = nearness(doc['vectors'], params, false) - params.floor;
return params.by_words * _score + params.by_meaning * Math.max(above, 0);
"""
)
_LIKENESS = (
    _COSINES
    + """
double terms = params.by_terms * _score;
double near = Math.min(Math.max(nearness(doc['vectors'], params, true), 0), 1);
return 1 - (1 - Math.min(terms, 1)) * (1 - params.by_meaning * near);
"""
)


def script(source: str, params: _Params) -> Clause:
    """A script with its parameters for the server."""
    return {"source": source.strip(), "params": params}


def nearness_params(common: CommonDirections, query: Vectors) -> _Params:
    """Script parameters for a ``query`` vector of length 1 and the ``common`` directions."""
    size = padded(len(query))
    text, unit, _ = _as_text(query, size)
    mean, mean_unit, rounded = _as_text(common.mean, size)
    # Rounding the mean changes the squared length of all passages by about the same.
    lost = 2 * float((rounded[: len(query)] - common.mean) @ common.mean)
    params: _Params = {
        "dimensions": len(query),
        "padded": size,
        "zero": _ZERO,
        "query": text,
        "query_unit": unit,
        "query_mean": float(query @ common.mean),
        "mean": mean,
        "mean_unit": mean_unit,
        "square": float(common.mean @ common.mean) + lost,
    }
    for at in range(MOST_DIRECTIONS):
        is_there = at < len(common.directions)
        direction = common.directions[at] if is_there else np.zeros_like(query)
        params[f"direction{at}"], params[f"unit{at}"], _ = _as_text(direction, size)
        params[f"mean{at}"] = float(direction @ common.mean)
    return params


def nearest_score(among: Clause, params: _Params, least: float | None = None) -> Clause:
    """Clause that scores nearness; documents below ``least`` do not match."""
    clause: Clause = {"query": among, "script": script(NEAREST, params)}
    if least is not None:
        clause["min_score"] = least
    return {"script_score": clause}


def fused_score(words: Clause, fused: FusedScore, params: _Params) -> Clause:
    """Clause that fuses the scores of ``words`` with nearness."""
    scales = {"by_words": fused.words, "by_meaning": fused.meaning, "floor": fused.floor}
    return {"script_score": {"query": words, "script": script(_FUSED, {**params, **scales})}}


def likeness_score(terms: Clause, by_terms: float, by_meaning: float, params: _Params) -> Clause:
    """Clause that scores likeness by terms and by the mean cosine of a document's passages."""
    scales = {"by_terms": by_terms, "by_meaning": by_meaning}
    return {"script_score": {"query": terms, "script": script(_LIKENESS, {**params, **scales})}}


def _as_text(vector: Vectors, size: int) -> tuple[str, float, Vectors]:
    """A vector as a text of ``size`` characters, the unit of its numbers, and itself rounded."""
    unit = float(np.abs(vector).max(initial=0.0)) / _ZERO or 1.0
    numbers = np.zeros(size, dtype=np.int64)
    numbers[: len(vector)] = np.rint(vector.astype(np.float64) / unit)
    text = "".join(map(chr, (numbers + _ZERO).tolist()))
    return text, unit, (numbers * unit).astype(np.float64)
