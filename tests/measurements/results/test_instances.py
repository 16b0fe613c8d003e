"""Instances of K-root: names of its servers, and names that are none of its."""

import pytest

from measurements.results.instances import Instance, InstanceKind, k_root_sites, read_instance


@pytest.mark.parametrize(
    ("text", "instance"),
    [
        (
            "ns1.tj-dyu.k.ripe.net",
            Instance("ns1.tj-dyu.k.ripe.net", InstanceKind.SITE, "tj-dyu", "ns1", "TJ", "Dushanbe"),
        ),
        (
            "NS2.nl-ams.k.ripe.net.",
            Instance("NS2.nl-ams.k.ripe.net.", InstanceKind.SITE, "nl-ams", "ns2", "NL", "Amsterdam"),
        ),
        (
            "ns1.zz-a29.k.ripe.net",
            Instance("ns1.zz-a29.k.ripe.net", InstanceKind.UNLISTED, "zz-a29", "ns1", "ZZ", None),
        ),
        ("k1.denic.k.ripe.net", Instance("k1.denic.k.ripe.net", InstanceKind.LEGACY, "denic", "k1", None, None)),
        ("k3.ams-ix.k.ripe.net", Instance("k3.ams-ix.k.ripe.net", InstanceKind.LEGACY, "ams-ix", "k3", None, None)),
        ("NORDI D4AE52-B954D1", Instance("NORDI D4AE52-B954D1", InstanceKind.FOREIGN, None, None, None, None)),
    ],
)
def test_an_identity_tells_site_and_server(text: str, instance: Instance) -> None:
    """Current and legacy form, whatever the case; anything else is kept as it came."""
    assert read_instance(text) == instance


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "ns1.tj-dyu.k.ripe.net.evil.example", "x.ns1.tj-dyu.k.ripe.net", "ns1.tj-dyu.l.ripe.net"),
        *("ns.tj-dyu.k.ripe.net", "ns1.tjk-dyu.k.ripe.net", "ns1.tj-dy1.k.ripe.net", "k.ripe.net", "\\255\\000"),
    ],
)
def test_anything_else_may_be_an_interception(text: str) -> None:
    """Flagged, not thrown away."""
    assert read_instance(text).kind is InstanceKind.FOREIGN
    assert not read_instance(text).is_known
    assert read_instance(text).text == text


@pytest.mark.parametrize("text", ["ns1.tj-dyu.k.ripe.net", "ns9.zz-abc.k.ripe.net", "k2.linx.k.ripe.net"])
def test_a_name_in_a_form_of_k_roots_is_known(text: str) -> None:
    """A site opened after the table was made is no interception."""
    assert read_instance(text).is_known


def test_the_sites_around_dushanbe_are_in_the_table() -> None:
    """Where answers for Tajikistan may come from."""
    sites = k_root_sites()

    assert {code: sites[code].town for code in ("tj-dyu", "kg-fru", "uz-tas", "kz-ast")} == {
        "tj-dyu": "Dushanbe",
        "kg-fru": "Bishkek",
        "uz-tas": "Tashkent",
        "kz-ast": "Astana",
    }
    assert (sites["tj-dyu"].reach, sites["tj-dyu"].is_operational) == ("local", True)


def test_every_site_of_the_table_is_well_formed() -> None:
    """Its code gives a name that is read back as that site, in that country."""
    for code, site in k_root_sites().items():
        instance = read_instance(f"ns1.{code}.k.ripe.net")

        assert (instance.kind, instance.site, instance.town) == (InstanceKind.SITE, code, site.town)
        assert instance.country_code == site.country_code
        assert site.reach in ("local", "global")
