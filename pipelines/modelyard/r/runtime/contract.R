# The data contract as the model sees it: the feature columns in order, the labels, all names.

other_category <- "(other)"
missing_category <- "(missing)"
numeric_kinds <- c("number", "integer", "boolean", "date")

read_contract <- function(document) {
  columns <- lapply(document$columns, complete_column)
  uses <- vapply(columns, `[[`, "", "use")
  target <- columns[[which(uses == "target")]]
  features <- columns[uses == "feature"]
  names(features) <- vapply(features, `[[`, "", "name")
  # A format that cannot be read here ends training, not the first request with a date.
  for (column in features) if (column$kind == "date") read_dates("", column$format)
  list(
    columns = features,
    target = target$name,
    categories = target$categories,
    labels = label_json(target),
    known = vapply(columns, `[[`, "", "name")
  )
}

complete_column <- function(stated) {
  column <- list(
    name = stated$name,
    kind = stated$kind,
    use = stated$use,
    categories = as.character(unlist(stated$categories)),
    missing = tolower(as.character(unlist(stated$missing))),
    format = stated$format
  )
  column$numeric <- column$kind %in% numeric_kinds && !length(column$categories)
  column$type <- if (column$numeric) {
    "number"
  } else if (length(column$categories)) {
    "factor"
  } else {
    "text"
  }
  # Categories that stand for themselves, whatever else is done to a text.
  apart <- c(missing_texts, column$missing)
  column$usual <- column$categories[
    !tolower(column$categories) %in% apart & column$categories == trimws(column$categories) &
      !grepl("[.]0$", column$categories)
  ]
  column$levels <- c(column$categories, missing_category, other_category)
  column
}

# Labels as JSON, typed as the data have them.
label_json <- function(target) {
  if (!length(target$categories)) return(character())
  if (target$kind %in% c("integer", "boolean")) target$categories else text_json(target$categories)
}

# Columns as the data frame that a team's code sees: numbers with NA, factors, texts.
as_rows <- function(arrays, columns) {
  rows <- lapply(columns, function(column) {
    values <- arrays[[column$name]]
    if (column$type == "factor") factor(values, levels = column$levels) else values
  })
  names(rows) <- vapply(columns, `[[`, "", "name")
  structure(rows, class = "data.frame", row.names = seq_along(rows[[1L]]))
}
