"""Prints the rows of our exports as Python's csv and openpyxl read them, and which cells are formulas."""

import csv
import json
import pathlib
import sys

import openpyxl


def of_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file, strict=True)]


def of_workbook(path):
    header, *rows = openpyxl.load_workbook(path).active.iter_rows()
    names = [cell.value for cell in header]
    types = {cell.data_type for row in rows for cell in row if cell.value is not None}
    values = [[cell.value or "" for cell in row] for row in rows]
    return [dict(zip(names, row, strict=True)) for row in values], sorted(types)


def main():
    folder = pathlib.Path(sys.argv[1])
    rows, types = of_workbook(folder / "posts.xlsx")
    json.dump({"csv": of_csv(folder / "posts.csv"), "xlsx": rows, "types": types}, sys.stdout)


main()
