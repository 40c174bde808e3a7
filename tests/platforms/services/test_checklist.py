from madang.platforms.services import checklist, pricelist

ROOMS = {row["key"]: row for row in pricelist.CHECKLIST}


def test_as_many_rooms_as_the_home_has():
    lines = checklist.build(ROOMS, bedrooms=2, bathrooms=1, ticks={"bedroom-2/0": "2026-03-02T00:00:00+00:00"})
    assert [line["room"] for line in lines if line["item"] == 0] == ["bathroom", "kitchen", "living-room", "bedroom-1", "bedroom-2", "hall"]
    assert [checklist.mark(line["room"], line["item"]) for line in lines if line["at"]] == ["bedroom-2/0"]
    assert next(line for line in lines if line["room"] == "bedroom-2")["room_title"] == {"ko": "침실 2", "en": "Bedroom 2"}


def test_a_studio_has_no_bedroom_and_a_language_may_be_shorter():
    rooms = {"hall": {"title": {"en": "Hall"}, "tasks": {"en": "Sweep\nMop", "ko": "쓸기"}}, "bedroom": ROOMS["bedroom"]}
    lines = checklist.build(rooms, bedrooms=0, bathrooms=1, ticks={})
    assert [line["title"] for line in lines] == [{"en": "Sweep", "ko": "쓸기"}, {"en": "Mop"}]
