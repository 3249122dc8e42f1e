"""What the classes are called, in the languages of the page."""

from __future__ import annotations

CIFAR_10_LABELS = [
    {"en": "airplane", "ja": "飛行機"},
    {"en": "automobile", "ja": "自動車"},
    {"en": "bird", "ja": "鳥"},
    {"en": "cat", "ja": "ネコ"},
    {"en": "deer", "ja": "シカ"},
    {"en": "dog", "ja": "イヌ"},
    {"en": "frog", "ja": "カエル"},
    {"en": "horse", "ja": "ウマ"},
    {"en": "ship", "ja": "船"},
    {"en": "truck", "ja": "トラック"},
]

DIGITS = [{"en": str(digit), "ja": str(digit)} for digit in range(10)]
