"""What a client says it takes is what it gets."""

from __future__ import annotations

import pytest

from backbone.http.negotiation import has_it, takes_gzip


@pytest.mark.parametrize(
    ("said", "compressed"),
    [
        ([], False),
        ([""], False),
        (["gzip"], True),
        (["GZIP, deflate, br"], True),
        (["deflate, br"], False),
        (["gzip;q=0"], False),
        (["gzip;q=0.000, identity"], False),
        (["gzip; q=0.5"], True),
        (["gzip;q=0.5, identity;q=0.8"], False),
        (["identity;q=0.5, gzip;q=0.8"], True),
        (["*"], True),
        (["*;q=0"], False),
        (["gzip;q=0, *"], False),
        (["br;q=1, *;q=0.1"], True),
        (["identity;q=0, gzip"], True),
        (["x-gzip"], True),
        (["gzipped"], False),
        (["br", "gzip"], True),
        (["gzip;q=nonsense"], False),
        (["gzip;level=9;q=0"], False),
    ],
)
def test_a_body_is_compressed_for_who_takes_it_so(said, compressed):
    assert takes_gzip(said) is compressed


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ("", False),
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", W/"abc"', True),
        ("*", True),
        ('"abcd"', False),
        ("abc", False),
    ],
)
def test_a_fingerprint_is_known_whole_or_not_at_all(said, has):
    assert has_it(said, 'W/"abc"') is has
