"""The first price list: Up&Go's published extras, and our own formula for the size of a home (Up&Go does not publish its own).

Amounts are major units of the co-op's currency. USD as published by Up&Go; KRW is our own conversion for the Korean demo, at what
house cleaning costs in Seoul. A charter may write its own; from the founding on only a decision changes them.
"""

from __future__ import annotations

from typing import Any

SIZES: dict[str, dict[str, Any]] = {
    "USD": {"base": "36.00", "per_bedroom": "14.00", "per_bathroom": "18.00"},
    "KRW": {"base": "24000", "per_bedroom": "9000", "per_bathroom": "10000"},
}
MINUTES = {"base_minutes": 60, "minutes_per_bedroom": 30, "minutes_per_bathroom": 45}

# code, Korean, English, USD, KRW, minutes, per (Korean, English), most, free with, needs
_EXTRAS: list[tuple[str, str, str, str, str, int, tuple[str, str], int, str, str]] = [
    ("fresh-start", "프레시 스타트 (첫 청소·대청소)", "Fresh Start (first or deep clean)", "32", "28000", 75, ("", ""), 1, "", "none"),
    ("pet-hair", "반려동물 털 제거", "Pet hair", "9", "8000", 15, ("", ""), 1, "fresh-start", "none"),
    ("fridge-small", "작은 냉장고 안", "Inside a small fridge", "16", "14000", 20, ("대", "fridge"), 2, "", "none"),
    ("fridge-large", "큰 냉장고 안", "Inside a large fridge", "32", "28000", 40, ("대", "fridge"), 2, "", "none"),
    ("oven", "오븐 안", "Inside the oven", "16", "14000", 20, ("대", "oven"), 2, "", "none"),
    ("cabinets", "수납장·옷장 안", "Inside cabinets or closets", "22", "18000", 25, ("칸", "cabinet"), 10, "", "none"),
    ("bookshelf", "책장 먼지 닦기", "Bookshelf dusting", "16", "12000", 20, ("개", "unit"), 10, "", "none"),
    ("windows", "창문 안쪽", "Inside windows", "11", "9000", 10, ("장", "window"), 20, "", "ladder"),
    ("laundry", "빨래", "Laundry", "11", "9000", 20, ("회", "load"), 4, "", "machine"),
    ("ceiling-fan", "천장 선풍기", "Ceiling fan", "11", "9000", 10, ("대", "fan"), 6, "fresh-start", "ladder"),
    ("products", "세제와 도구 가져가기", "We bring cleaning products", "11", "9000", 0, ("", ""), 1, "", "none"),
    ("vacuum", "청소기 가져가기", "We bring a vacuum cleaner", "16", "12000", 0, ("", ""), 1, "", "none"),
]


def size(currency: str) -> dict[str, Any]:
    """The size formula in ``currency``; a currency without a list of its own starts from the dollar figures, for the founders to correct."""
    return {**SIZES.get(currency, SIZES["USD"]), **MINUTES}


def extras(currency: str) -> list[dict[str, Any]]:
    """The extras in ``currency``, in the order they are shown."""
    return [
        {
            "key": code, "title": {"ko": ko, "en": en}, "price": krw if currency == "KRW" else usd, "minutes": minutes,
            "per": {"ko": per[0], "en": per[1]} if per[1] else {}, "most": most, "free_with": free_with, "needs": needs,
        }
        for code, ko, en, usd, krw, minutes, per, most, free_with, needs in _EXTRAS
    ]


CHECKLIST: list[dict[str, Any]] = [
    {
        "key": "bathroom", "title": {"ko": "욕실", "en": "Bathroom"},
        "tasks": {
            "ko": "변기 안팎 닦기\n세면대와 수전 닦기\n샤워부스·욕조 닦기\n거울 닦기\n바닥 물청소\n쓰레기통 비우기",
            "en": "Toilet, inside and out\nBasin and taps\nShower or bath\nMirror\nFloor\nEmpty the bin",
        },
    },
    {
        "key": "kitchen", "title": {"ko": "부엌", "en": "Kitchen"},
        "tasks": {
            "ko": "싱크대와 수전 닦기\n조리대 닦기\n가스레인지·인덕션 닦기\n가전제품 겉면 닦기\n바닥 쓸고 닦기\n쓰레기 비우기",
            "en": "Sink and taps\nWorktops\nHob\nOutside of appliances\nSweep and mop the floor\nEmpty the rubbish",
        },
    },
    {
        "key": "living-room", "title": {"ko": "거실", "en": "Living room"},
        "tasks": {
            "ko": "가구 먼지 닦기\n청소기 돌리기\n바닥 닦기\n스위치·문손잡이 닦기",
            "en": "Dust the furniture\nVacuum\nMop the floor\nSwitches and handles",
        },
    },
    {
        "key": "bedroom", "title": {"ko": "침실", "en": "Bedroom"},
        "tasks": {"ko": "침구 정리\n가구 먼지 닦기\n청소기 돌리기\n바닥 닦기", "en": "Make the bed\nDust the furniture\nVacuum\nMop the floor"},
    },
    {
        "key": "hall", "title": {"ko": "현관·복도", "en": "Hall"},
        "tasks": {"ko": "신발장 위 닦기\n현관 바닥 쓸기\n복도 바닥 닦기", "en": "Dust the shoe cabinet\nSweep the entrance\nMop the hall"},
    },
]
