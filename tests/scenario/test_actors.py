"""The tables of actors, fleets, labs and products: what ships is whole, and a bad row is refused in one sentence."""

from __future__ import annotations

import csv

import pytest

from abm.errors import InputError
from abm.scenario.actors import FOLDER, load_actors, load_fleets, load_labs, load_products

LOADERS = {"actors": load_actors, "fleets": load_fleets, "labs": load_labs, "products": load_products}


def rows_of(table: str) -> list[dict[str, str]]:
    """The shipped rows as text."""
    with (FOLDER / f"{table}.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def written(tmp_path, table: str, rows: list[dict[str, str]]):
    """A table of our own with the rows."""
    path = tmp_path / f"{table}.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def refusal(path, table: str) -> str:
    """The one sentence with which a table is refused."""
    with pytest.raises(InputError) as refused:
        LOADERS[table](path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("table", LOADERS)
def test_a_copy_of_what_ships_reads_the_same(tmp_path, table):
    assert LOADERS[table](written(tmp_path, table, rows_of(table))) == LOADERS[table]()


def test_every_kind_of_actor_ships():
    assert {actor.kind for actor in load_actors()} == {"regulator", "vendor", "cloud", "lab"}


def test_a_cloud_that_buys_diverted_chips_has_a_budget():
    assert all(actor.capex_usd_bn > 0 for actor in load_actors() if actor.grey_share > 0)


def test_parents_own_all_of_everyone_where_a_table_does_not_say(tmp_path):
    rows = [{name: cell for name, cell in row.items() if name != "parent_share"} for row in rows_of("actors")]
    assert load_actors(written(tmp_path, "actors", rows)) == load_actors()
    assert {actor.parent_share for actor in load_actors()} == {1.0}
    half = [row | {"parent_share": "0.5"} for row in rows]
    assert {actor.parent_share for actor in load_actors(written(tmp_path, "actors", half))} == {0.5}


def test_no_fleet_of_a_chip_is_listed_twice():
    fleets = [(fleet.owner, fleet.chip, fleet.origin) for fleet in load_fleets()]
    assert len(fleets) == len(set(fleets))


def test_an_actor_that_appears_twice_is_refused(tmp_path):
    rows = rows_of("actors")
    path = written(tmp_path, "actors", [*rows, rows[3]])
    assert refusal(path, "actors") == f'actors file actors.csv: id = "{rows[3]["id"]}" appears twice'


def test_an_empty_price_range_is_refused(tmp_path):
    rows = rows_of("products")
    rows[0] |= {"price_low": "15001", "price_high": "15000"}
    assert refusal(written(tmp_path, "products", rows), "products") == (
        f"products file products.csv: {rows[0]['chip']} price_low = 15001.0 is above price_high = 15000.0"
    )


@pytest.mark.parametrize(
    "bad",
    [
        ("actors", "id", "", "id is empty"),
        ("actors", "kind", "clouds", 'kind = "clouds" is not one of regulator, vendor, cloud, lab (did you mean "cloud"?)'),
        ("actors", "capex_usd_bn", "-1", "capex_usd_bn = -1 is outside its range 0 to infinity"),
        ("actors", "capex_usd_bn", "much", 'capex_usd_bn = "much" is not a valid value'),
        ("actors", "grey_share", "1.2", "grey_share = 1.2 is above its upper bound 1"),
        ("actors", "grey_share", "nan", "grey_share = nan is outside its range 0 to infinity"),
        ("actors", "parent_share", "1.1", "parent_share = 1.1 is above its upper bound 1"),
        ("actors", "parent_share", "-0.5", "parent_share = -0.5 is outside its range 0 to infinity"),
        ("actors", "end_use", "civil", 'end_use = "civil" is not one of commercial, state_funded, military'),
        ("actors", "basis", "guess", 'basis = "guess" is not one of measured, estimated, assumed'),
        ("actors", "source", "", "source is empty"),
        ("fleets", "units", "12.5", 'units = "12.5" is not a whole number of at least 0'),
        ("fleets", "units", "-3", 'units = "-3" is not a whole number of at least 0'),
        ("fleets", "units", "", 'units = "" is not a whole number of at least 0'),
        ("fleets", "origin", "smuggled", 'origin = "smuggled" is not one of direct, licensed, abroad, diverted, domestic'),
        ("labs", "trains_at", "alibaba", 'trains_at = "alibaba" is not a valid value'),
        ("labs", "trains_at", "alibaba:0.5:1", 'trains_at = "alibaba:0.5:1" is not a valid value'),
        ("labs", "trains_at", "alibaba:1.5", "trains_at = 1.5 is above its upper bound 1"),
        ("labs", "open_weights", "1", 'open_weights = "1" is not one of yes, no'),
        ("labs", "released", "2024-13-01", 'released = "2024-13-01" is not a valid value'),
        ("labs", "training_flop", "inf", "training_flop = inf is outside its range 0 to infinity"),
        ("products", "dies", "two", 'dies = "two" is not a whole number of at least 0'),
        ("products", "ordered_from", "US", 'ordered_from = "US" is not one of CN, abroad'),
    ],
)
def test_a_bad_cell_is_refused_with_file_line_field_and_value(tmp_path, bad):
    table, column, value, sentence = bad
    rows = rows_of(table)
    rows[1][column] = value
    assert refusal(written(tmp_path, table, rows), table) == f"{table} file {table}.csv, line 3: {sentence}"


@pytest.mark.parametrize("table", LOADERS)
def test_a_table_without_its_source_column_is_refused(tmp_path, table):
    rows = [{name: cell for name, cell in row.items() if name != "source"} for row in rows_of(table)]
    assert refusal(written(tmp_path, table, rows), table).startswith(f'{table} file {table}.csv lacks the column "source"')


@pytest.mark.parametrize("table", LOADERS)
def test_a_surplus_column_is_refused(tmp_path, table):
    rows = [row | {"sources": "x"} for row in rows_of(table)]
    expected = f'unknown column in {table} file {table}.csv "sources" (did you mean "source"?)'
    assert refusal(written(tmp_path, table, rows), table) == expected
