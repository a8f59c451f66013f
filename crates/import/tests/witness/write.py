"""Writes plans as Python's csv and openpyxl write them, and prints what they say."""

import csv
import datetime
import json
import pathlib
import sys

import openpyxl

POSTS = [
    ("The kettle boils at seven.", datetime.datetime(2027, 5, 3, 9, 0)),
    ('Tea, milk; and "sugar"', datetime.datetime(2027, 5, 4, 18, 30)),
    ("Two lines\nof one text", datetime.datetime(2027, 5, 5, 0, 0, 30)),
    ("Ça va, 漢字 \N{GRINNING FACE}", datetime.datetime(2027, 12, 31, 23, 59)),
    ("=1+1 is a sum", datetime.datetime(2028, 2, 29, 12, 0)),
    ("007", datetime.datetime(2027, 5, 6, 9, 0)),
]
HEADER = ["Tweet", "When"]


def table(path, encoding="utf-8", **options):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, **options)
        writer.writerow(HEADER)
        for text, when in POSTS:
            writer.writerow([text, when.strftime("%Y-%m-%d %H:%M:%S")])


def texts(sheet, text):
    # A text that begins with "=" stays one.
    sheet.append([text])
    cell = sheet.cell(sheet.max_row, 1)
    cell.data_type = "s"
    return sheet.max_row


def one_column(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    for text, when in POSTS:
        row = texts(sheet, text)
        sheet.cell(row, 2, when).number_format = "dd.mm.yyyy hh:mm:ss"
    book.save(path)


def two_columns(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Tweet", "Date", "Time"])
    for text, when in POSTS:
        row = texts(sheet, text)
        sheet.cell(row, 2, when.date())
        sheet.cell(row, 3, when.time())
    book.save(path)


def main():
    folder = pathlib.Path(sys.argv[1])
    table(folder / "excel.csv")
    table(folder / "excel-tab.tsv", dialect="excel-tab")
    table(folder / "unix.csv", dialect="unix")
    table(folder / "semicolon.csv", encoding="utf-8-sig", delimiter=";")
    table(folder / "unicode-text.txt", encoding="utf-16", dialect="excel-tab")
    one_column(folder / "one-column.xlsx")
    two_columns(folder / "two-columns.xlsx")
    json.dump([[text, when.isoformat(" ")] for text, when in POSTS], sys.stdout)


main()
