"""Numbers of every sort: those that name a person, and those that look like them."""

import random
import uuid

from training.generate.pii_values import Values

_SITES = [
    "shop",
    "blog",
    "news",
    "docs",
    "portal",
    "status",
    "wiki",
    "app",
    "forum",
    "store",
    "cloud",
    "help",
]
_PRODUCTS = [
    "RX",
    "Galaxy",
    "iPhone",
    "ThinkPad",
    "Model",
    "GT",
    "MX",
    "Series",
    "AX",
    "Core",
    "Ryzen",
    "Type",
    "HP",
    "DX",
    "LX",
]


class Numbers:
    """Draws numbers."""

    def __init__(self, rng: random.Random, values: Values) -> None:
        self._rng = rng
        self.masked = values.masked
        self._values = values

    def phone(self) -> str:
        """A telephone number of some country, as people write it."""
        rng, way = self._rng, self._rng.random()
        if way < 0.25:
            return rng.choice(self._values.rows)["TelephoneNumber"]
        if way < 0.45:
            return str(self._values.faker().phone_number())
        if way < 0.75:
            return self.masked(
                "(%##) %##-####", "%##-%##-####", "%##.%##.####", "%## %## ####", "%#########",
                "+1-%##-%##-####", "+1 (%##) %##-####", "+1 %##%##%###", "1-%##-%##-####",
                "001-%##-%##-####", "%##-%##-####x####", "(%##)%##-####x###",
                "%##-%##-#### ext. ##",
                "+1-%##-%##-####x#####", "001-%##-%##-####x###", "%##-####", "(%##) %## ####",
            )  # fmt: skip
        if way < 0.95:
            return self.masked(
                "+44 %### ######", "+44 (0)20 #### ####", "0%### ######", "07### ######",
                "020 #### ####",
                "+49 %## #######", "0%##/#######", "0%## ########", "+33 % ## ## ## ##",
                "0% ## ## ## ##",
                "+34 6## ### ###", "### ## ## ##", "## ## ## ##", "#### ####", "##-##-##-##",
                "### ### ###",
                "+47 ### ## ###", "+45 ########", "+358 4# ### ####", "04# ### ## ##",
                "(##) ###-###",
                "(##) ####-####", "+55 ## 9####-####", "+91 9#### #####", "+91-##########",
                "09#########",
                "+61 4## ### ###", "(0#) #### ####", "+86 1## #### ####", "+81 90-####-####",
                "0##-###-####",
                "+7 (9##) ###-##-##", "8 9## ### ## ##", "+972-5#-###-####", "05#-#######",
                "+27 8# ### ####",
                "+36 20 ### ####", "06 ## ### ####", "+48 ### ### ###", "###-###-###",
                "+420 ### ### ###",
                "0#### ## ## ##", "+90 5## ### ## ##", "+971 5# ### ####", "+65 #### ####",
                "0### #######",
            )  # fmt: skip
        groups = [self.masked("##", "###", "####") for _ in range(rng.randint(2, 4))]
        return rng.choice(("", "", "+", "0", "00")) + rng.choice((" ", "-", ".", "/")).join(groups)

    def license(self) -> str:
        """A driving licence in the form of one of the United States."""
        return self.masked(
            "?#######", "?########", "?############", "?##-###-###-###", "#########",
            "########", "#######",
            "?#########", "?###-####-####", "##???####", "??######?", "?##############",
            "###-##-####",
            "?##-##-####", "?-###-###-###-###", "##-###-####", "?##########", "#######?",
            "??#####", "?####-#####-#####",
        )  # fmt: skip

    def identity(self) -> str:
        """A number by which someone is known to an office or a company."""
        return self.masked(
            "EMP-#####", "E-######", "C-########", "########", "######", "#########",
            "##########", "MRN######",
            "P########", "?########", "??#######", "S########", "###-###-###", "###-##-###",
            "STU-##-####",
            "AB######", "PAT-#######", "##-#######", "###########", "####-####-##", "?##?####",
            "K#######",
            "CUST-######", "######-####", "MEM###-####", "####/##/####", "??#####??", "%###-######",
        )  # fmt: skip

    def card(self) -> str:
        """A card number, of any digits."""
        return self.masked(
            "4### #### #### ####", "5###-####-####-####", "4###############", "37## ###### #####",
            "5###############", "6011 #### #### ####",
        )  # fmt: skip

    def iban(self) -> str:
        """The form of an IBAN."""
        return self.masked(
            "GB##???? ##############", "DE####################", "FR## #### #### #### ####"
        )

    def ip(self) -> str:
        """An address of a machine."""
        rng = self._rng
        return ".".join(str(rng.randint(1, 254)) for _ in range(4))

    def url(self) -> str:
        """An address of a page, or a bare domain."""
        rng = self._rng
        name = f"{rng.choice(_SITES)}{rng.choice(('', '-', ''))}{rng.choice(_SITES)}"
        host = f"{name}.{rng.choice(('example.com', 'test', 'example.org', 'example.net'))}"
        return rng.choice(
            ("https://{}/", "http://www.{}", "www.{}", "{}", "https://{}/a/42")
        ).format(host)

    def money(self) -> str:
        """A sum."""
        rng = self._rng
        amount = rng.choice((str(rng.randint(1, 900)),
        f"{rng.randint(1, 99)},{rng.randint(0, 999):03}",
                             f"{rng.randint(1, 999)}.{rng.randint(0, 99):02}"))  # fmt: skip
        return rng.choice(
            ("${}", "{} USD", "€{}", "£{}", "{} euros", "{} dollars", "{} kr")
        ).format(amount)

    def version(self) -> str:
        """Of software."""
        return self.masked("v#.#", "#.##.#", "v%#.#.#", "%.#", "#.#.#-rc#", "20##.%", "%#.04")

    def product(self) -> str:
        """A model or part number."""
        rng = self._rng
        return rng.choice((f"{rng.choice(_PRODUCTS)} {self.masked('%##', '%#', '%###', '%#?')}",
                           self.masked("SKU-#####", "??-####", "PN ###-####-#", "?###",
                           "#####-##", "ISBN 978-#-##-######-#")))  # fmt: skip

    def order(self) -> str:
        """The number of an order, an invoice or a ticket."""
        return self.masked("#######", "#-######", "ORD-######", "INV-20##-####", "#%#####",
        "TCK#####", "##-####-###", "#########")  # fmt: skip

    def percent(self) -> str:
        """A share."""
        return f"{self._rng.randint(1, 99)}%"

    def uuid(self) -> str:
        """A random identifier."""
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
