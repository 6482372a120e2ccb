"""Invented people for the examples. Nobody has these numbers: no division begins with 999999."""
import random

FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = "安宁和平文华国庆建军秀英丽娟明亮晓东海燕春梅"


def name(chance: random.Random) -> str:
    return chance.choice(FAMILY) + "".join(chance.sample(GIVEN, chance.choice((1, 2))))


def identity_number(chance: random.Random, born: str) -> str:
    """An 18-character number for a birth date YYYYMMDD, with the check digit of GB 11643."""
    body = f"999999{born}{chance.randrange(1000):03}"
    total = sum(int(digit) * weight for digit, weight in
                zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)))
    return body + "10X98765432"[total % 11]
