# How one column's values are read: what modelyard.values and modelyard.tables do, in R, for many
# values at once. Tests hold both to the same values and the same refusals.

missing_texts <- c(
  "", "na", "n/a", "#n/a", "nan", "<na>", "nat", "null", "none", "-", "--", "?", "."
)
true_texts <- c("true", "t", "yes", "y", "on", "1", "1.0")
false_texts <- c("false", "f", "no", "n", "off", "0", "0.0")
plain_number <- "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$"
english_number <- "^[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?$"
european_number <- "^[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)(,[0-9]+)?$"

# Values of JSON (a list) or CSV (texts) as texts, what each was, and which are missing.
cells_of <- function(cells, column) {
  if (is.character(cells)) {
    type <- rep("text", length(cells))
    text <- cells
  } else {
    type <- vapply(cells, cell_type, "")
    text <- vapply(cells, cell_text, "")
  }
  text <- trimws(text, whitespace = "[\\h\\v]")
  stripped <- grepl("^-?(0|[1-9][0-9]*)[.]0$", text) & type == "text"
  lowered <- tolower(text)
  is_missing <- type == "missing" | (type == "text" & lowered %in% c(missing_texts, column$missing))
  list(type = type, text = text, missing = is_missing, whole = stripped)
}

cell_type <- function(cell) {
  if (is.null(cell)) return("missing")
  if (is.list(cell)) return(if (is.null(names(cell))) "list" else "dict")
  if (is.character(cell)) "text" else if (is.logical(cell)) "boolean" else "number"
}

cell_text <- function(cell) {
  if (is.null(cell)) return("")
  if (is.list(cell)) return(if (is.null(names(cell))) "list" else "dict")
  if (is.character(cell)) return(cell)
  if (is.logical(cell)) return(if (cell) "true" else "false")
  if (is.finite(cell)) number_text(as.double(cell)) else if (cell > 0) "inf" else "-inf"
}

# A column's values: doubles with NA where it is numeric, texts else. Stops at the first that is not
# what the column holds, with its row.
read_values <- function(cells, column) {
  found <- cells_of(cells, column)
  known <- which(!found$missing)
  values <- if (column$numeric) rep(NA_real_, length(cells)) else rep("", length(cells))
  if (column$type == "factor") values[found$missing] <- missing_category
  if (!length(known)) return(values)
  some <- lapply(found, `[`, known)
  canonical <- ifelse(some$whole, sub("[.]0$", "", some$text), some$text)
  read <- switch(if (column$type == "factor") "category" else column$kind,
    category = list(categories(canonical, column$categories), is_single(some)),
    number = read_numbers(some, column$format),
    integer = read_integers(some, column$format),
    boolean = read_booleans(canonical),
    date = read_dates(canonical, column$format),
    list(canonical, is_single(some))
  )
  bad <- which(!read[[2L]])
  if (length(bad)) refuse_value(known[bad[1L]], column, lapply(some, `[`, bad[1L]), canonical[bad[1L]])
  values[known] <- read[[1L]]
  values
}

is_single <- function(cells) !cells$type %in% c("list", "dict")

categories <- function(text, known) {
  ifelse(text %in% known, text, ifelse(tolower(text) %in% known, tolower(text), other_category))
}

read_numbers <- function(cells, format) {
  text <- cells$text
  read <- grepl(plain_number, text)
  if (identical(format, "1.234,5")) read <- read & !grepl(european_number, text)
  text[!read] <- gsub("[[:space:]\u20ac$\u00a3\u00a5%']", "", text[!read])
  if (identical(format, "1,234.5")) {
    fits <- !read & grepl(english_number, text)
    text[fits] <- gsub(",", "", text[fits], fixed = TRUE)
    read <- read | fits
  }
  if (identical(format, "1.234,5")) {
    fits <- !read & grepl(european_number, text)
    text[fits] <- sub(",", ".", gsub(".", "", text[fits], fixed = TRUE), fixed = TRUE)
    read <- read | fits
  }
  read <- read & cells$type %in% c("text", "number")
  values <- rep(NA_real_, length(text))
  values[read] <- as.numeric(text[read])
  list(values, read & is.finite(values))
}

read_integers <- function(cells, format) {
  found <- read_numbers(cells, format)
  list(found[[1L]], found[[2L]] & found[[1L]] == floor(found[[1L]]))
}

read_booleans <- function(text) {
  lowered <- tolower(text)
  list(as.double(lowered %in% true_texts), lowered %in% c(true_texts, false_texts))
}

refuse_value <- function(row, column, cell, text) {
  shown <- if (cell$type %in% c("list", "dict")) cell$type else shown_text(text)
  is_number <- cell$type %in% c("text", "number")
  infinite <- is_number && column$kind %in% c("number", "integer") && !length(column$categories) &&
    (text %in% c("inf", "-inf") && cell$type == "number" || grepl(plain_number, cell$text) &&
      is.infinite(as.numeric(cell$text)))
  kind <- if (column$type == "factor") "category" else column$kind
  number <- read_numbers(cell, column$format)
  reason <- if (infinite) {
    "is infinite"
  } else if (kind == "integer" && number[[2L]]) {
    paste(shown, "is not a whole number")
  } else {
    paste(shown, switch(kind,
      number = , integer = "is not a number",
      boolean = "is neither yes nor no",
      date = paste("is not a date like", like_date(column$format)),
      "is not a single value"
    ))
  }
  refuse_row(row, column$name, reason)
}

refuse_row <- function(row, column, reason) {
  stop("row ", row, ", column '", column, "': ", reason, call. = FALSE)
}

# A value as an error message quotes it: Python's repr, cut where it is long.
shown_text <- function(text) {
  escaped <- gsub("\t", "\\t", gsub("\n", "\\n", gsub("\\", "\\\\", text, fixed = TRUE),
    fixed = TRUE
  ), fixed = TRUE)
  mark <- if (grepl("'", escaped, fixed = TRUE) && !grepl('"', escaped, fixed = TRUE)) '"' else "'"
  if (mark == "'") escaped <- gsub("'", "\\'", escaped, fixed = TRUE)
  quoted <- paste0(mark, escaped, mark)
  if (nchar(quoted) <= 40L) quoted else paste0(substr(quoted, 1L, 37L), "...'")
}
