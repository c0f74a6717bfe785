"""The picture of an event: whatever comes is refused with words, or made anew; and it goes with its event."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from registration.pictures import PictureRefused, bounds
from registration.pictures.developing import develop
from registration.store import forget_left_pictures
from registration.store.tables import pictures

SAID = {"credit": "Photo : Fonderie de l’Erdre", "alternative_text": "Une coulée de fonte dans un moule de sable."}


def a_file(kind="JPEG", size=(900, 600), mode="RGB", colour="red", **more):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)
    return out.getvalue()


def opened(jpeg):
    return Image.open(io.BytesIO(jpeg))


def telling_exif(orientation=6):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8298] = orientation, "Appareil d’Inès", "Inès Payet"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    return exif


def test_a_picture_stands_upright_and_tells_nothing_of_who_took_it_where() -> None:
    given = a_file(size=(2400, 1600), exif=telling_exif(), comment=b"prise par In\xc3\xa8s")
    assert b"In\xc3\xa8s" in given
    large, small = develop(given)
    assert (large.width, large.height, small.width, small.height) == (1067, 1600, 427, 640)
    for one in (large, small):
        picture = opened(one.jpeg)
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (one.width, one.height), {})
        assert not {"exif", "xmp", "icc_profile", "comment"} & picture.info.keys()
        assert b"In" not in one.jpeg[:2000]


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (a_file("PNG", mode="RGBA", colour=(255, 0, 0, 0)), (255, 255, 255)),
        (a_file("PNG", mode="LA", colour=(0, 0)), (255, 255, 255)),
        (a_file("PNG", mode="P", colour=0, transparency=0), (255, 255, 255)),
        (a_file("PNG", mode="I;16", colour=0x8000), (128, 128, 128)),
        (a_file("PNG", mode="1", colour=1), (255, 255, 255)),
        (a_file("JPEG", mode="CMYK", colour=(0, 0, 0, 0)), (255, 255, 255)),
        (a_file("JPEG", mode="L", colour=77), (77, 77, 77)),
        (a_file("WEBP", lossless=True), (255, 0, 0)),
        (a_file(icc_profile=b"no profile"), (254, 0, 0)),
    ],
)
def test_whatever_its_colours_are_kept_as_it_is_seen_as_it_was(given, seen) -> None:
    picture = opened(develop(given)[0].jpeg)
    assert picture.mode == "RGB"
    assert all(abs(one - other) <= 2 for one, other in zip(picture.getpixel((40, 40)), seen, strict=True))


def test_a_small_picture_is_not_blown_up() -> None:
    large, small = develop(a_file(size=(400, 320)))
    assert (large.width, large.height) == (small.width, small.height) == (400, 320)


MOVING = {"save_all": True, "append_images": [Image.new("RGB", (900, 600), "blue")]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (a_file("GIF"), bounds.NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", bounds.NO_PICTURE),
        (b"", bounds.NO_PICTURE),
        (a_file("TIFF"), bounds.NO_PICTURE),
        (a_file()[:400], bounds.BROKEN),
        (a_file("PNG")[:900], bounds.BROKEN),
        (a_file("PNG", size=(8000, 5001), mode="1", colour=0), bounds.TOO_LARGE),
        (a_file("PNG", size=(30000, 30000), mode="1", colour=0), bounds.TOO_LARGE),
        (a_file("PNG", size=(319, 900)), bounds.TOO_SMALL),
        (a_file("PNG", size=(2000, 390)), bounds.TOO_LONG),
        (a_file("WEBP", **MOVING), bounds.MOVES),
        (a_file("PNG", **MOVING), bounds.MOVES),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_to_do(given, words) -> None:
    with pytest.raises(PictureRefused) as refused:
        develop(given)
    assert str(refused.value) == words


# --- at the door -------------------------------------------------------------------------------------


@pytest.fixture
def give(client):
    """Somebody gives a picture to an event."""

    async def go(person, event_id, given, **said):
        headers = person.headers | {"Content-Type": "image/jpeg"}
        return await client.put(f"/v1/events/{event_id}/picture", content=given, params=said, headers=headers)

    return go


def path_of(address):
    return address.removeprefix("https://inscription.example")


async def test_a_picture_is_given_named_in_the_draft_told_and_shown(a_person, a_draft, give, client, told) -> None:
    ines = await a_person()
    event_id = await ines.drafts(a_draft())
    answer = await give(ines, event_id, a_file(exif=telling_exif(1)))
    assert answer.status_code == 200, answer.text
    assert [one["field"] for one in answer.json()["missing"]] == ["picture.credit", "picture.alternative_text"]
    picture = answer.json()["draft"]["picture"]
    written = a_draft(picture={"id": picture["id"], **SAID, "url": "https://ailleurs.example/x.jpg"})
    answer = await ines.ask("PUT", f"/v1/events/{event_id}", written)
    assert answer.json()["draft"]["picture"] == picture | SAID
    await ines.submits(event_id)
    [(_, fact)] = await told()
    base = f"https://inscription.example/images/{picture['id']}"
    shown = {"url": f"{base}.jpg", "thumbnail_url": f"{base}-640.jpg", "width": 900, "height": 600}
    assert fact["event"]["picture"] == {"id": picture["id"], **shown, **SAID}
    for address, size in ((shown["url"], (900, 600)), (shown["thumbnail_url"], (640, 427))):
        answer = await client.get(path_of(address))
        assert (answer.status_code, opened(answer.content).size) == (200, size)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "public, max-age=86400, immutable"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    for wrong in (f"/images/{uuid4()}.jpg", "/images/x.jpg", f"/images/{picture['id']}-99.jpg"):
        assert (await client.get(wrong)).status_code == 404


async def test_a_draft_that_says_nothing_of_the_picture_keeps_it_and_null_takes_it_away(
    a_person, a_draft, give
) -> None:
    ines = await a_person()
    event_id = await ines.drafts(a_draft())
    given = (await give(ines, event_id, a_file(), **SAID)).json()["draft"]["picture"]
    assert given.items() >= SAID.items()
    kept = await ines.ask("PUT", f"/v1/events/{event_id}", a_draft(title="La fonte en fusion"))
    assert kept.json()["draft"]["picture"] == given
    gone = await ines.ask("PUT", f"/v1/events/{event_id}", a_draft(picture=None))
    assert gone.json()["draft"].get("picture") is None
    await give(ines, event_id, a_file(), **SAID)
    gone = await ines.ask("DELETE", f"/v1/events/{event_id}/picture")
    assert gone.json()["draft"].get("picture") is None


async def test_what_is_no_picture_is_refused_in_words_and_so_is_what_is_too_heavy(a_person, a_draft, give) -> None:
    ines = await a_person()
    event_id = await ines.drafts(a_draft())
    answer = await give(ines, event_id, b"%PDF-1.7")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "picture", "message": bounds.NO_PICTURE}]
    answer = await give(ines, event_id, b"\xff" * (bounds.MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["detail"]) == (413, "Cet envoi dépasse 8 Mo ; raccourcissez-le.")


async def test_a_credit_that_names_its_author_is_refused_as_any_public_text_is(a_person, a_draft, give) -> None:
    ines = await a_person()
    event_id = await ines.drafts(a_draft())
    await give(ines, event_id, a_file(), **SAID | {"credit": "Photo : Inès Payet"})
    answer = await ines.ask("POST", f"/v1/events/{event_id}/submission")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["picture.credit"]


async def test_a_copied_event_has_a_picture_of_its_own_and_nobody_takes_a_strangers(
    a_person, a_draft, give, client, engine
) -> None:
    ines, paul = await a_person(), await a_person("paul@cci.example")
    first = await ines.drafts(a_draft())
    given = (await give(ines, first, a_file(), **SAID)).json()["draft"]["picture"]
    copy = await ines.ask("POST", "/v1/events", a_draft(picture={"id": given["id"], **SAID}, copied_from=first))
    copied = copy.json()["draft"]["picture"]
    assert copied["id"] != given["id"]
    assert (await client.get(path_of(copied["url"]))).content == (await client.get(path_of(given["url"]))).content
    answer = await paul.ask("POST", "/v1/events", a_draft(picture={"id": given["id"], **SAID}))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "picture")
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(pictures)) == 2


async def test_a_picture_is_gone_with_its_person(mine, give, client) -> None:
    ines, event_id = mine
    given = (await give(ines, event_id, a_file(), **SAID)).json()["draft"]["picture"]
    erased = await ines.ask("POST", "/v1/accounts/erasure", {"email": ines.email, "password": "douze lettres, ou plus"})
    assert erased.status_code == 200
    assert (await client.get(path_of(given["url"]))).status_code == 404


async def test_a_picture_that_is_replaced_stays_while_an_older_revision_may_be_on_the_map_and_goes_then(
    mine, give, client, engine
) -> None:
    ines, event_id = mine
    old = (await give(ines, event_id, a_file(), **SAID)).json()["draft"]["picture"]
    await ines.submits(event_id)
    new = (await give(ines, event_id, a_file(colour="blue"), **SAID)).json()["draft"]["picture"]
    await ines.submits(event_id)

    async def purged():
        async with engine.begin() as tx:
            await forget_left_pictures(tx)
        return [(await client.get(path_of(one["url"]))).status_code for one in (old, new)]

    assert await purged() == [200, 200]
    async with engine.begin() as tx:
        await tx.execute(update(pictures).values(left_at=pictures.c.left_at - timedelta(days=36)))
    assert await purged() == [404, 200]


async def test_of_what_was_never_submitted_the_replaced_picture_goes_at_once(a_person, a_draft, give, engine) -> None:
    ines = await a_person()
    event_id = await ines.drafts(a_draft())
    await give(ines, event_id, a_file())
    new = (await give(ines, event_id, a_file())).json()["draft"]["picture"]
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(pictures.c.id))) == [UUID(new["id"])]
