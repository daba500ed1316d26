# Bodies of requests to columns of cells, refused with row and column as modelyard.requests does.

refuse <- function(status, ...) {
  stop(structure(
    class = c("refusal", "error", "condition"),
    list(message = paste0(...), call = NULL, status = status)
  ))
}

body_text <- function(body) {
  text <- tryCatch(rawToChar(body), error = function(error) NA_character_)
  if (is.na(text) || !validUTF8(text)) refuse(400L, "the body is not UTF-8 text")
  Encoding(text) <- "UTF-8"
  if (!grepl("[^[:space:]]", text)) refuse(400L, "the body is empty; send at least one row")
  text
}

json_request <- function(text, contract) {
  document <- tryCatch(parse_json(text), error = function(error) {
    refuse_constant(text)
    refuse(400L, "the body is not JSON: ", sub("\n.*", "", conditionMessage(error)))
  })
  rows <- if (is.list(document)) document$instances
  if (!is.list(rows) || !is.null(names(rows)) || !length(rows)) {
    refuse(400L, 'send {"instances": [{"column": value, ...}, ...]} with at least one row')
  }
  for (number in seq_along(rows)) {
    row <- rows[[number]]
    if (!is.list(row) || (is.null(names(row)))) {
      refuse(400L, "row ", number, ': is not an object of {"column": value}')
    }
  }
  explain <- if (is.null(document$explain)) FALSE else document$explain
  if (!is.logical(explain)) refuse(400L, "'explain' must be true or false")
  unknown <- sort(setdiff(names(document), c("instances", "explain")))
  if (length(unknown)) {
    refuse(400L, "'", unknown[1L], "' is unknown; send 'instances' and, if wanted, 'explain'")
  }
  list(
    arrays = read_columns(
      contract, seq_along(rows),
      function(number) names(rows[[number]]),
      function(name) lapply(rows, `[[`, name)
    ),
    explain = explain
  )
}

parse_json <- function(text) jsonlite::parse_json(text, simplifyVector = FALSE)

# Refuses a body with a number that is none, and says which row and column hold it.
refuse_constant <- function(text) {
  token <- '"(?:[^"\\\\]|\\\\.)*"|NaN|-?Infinity'
  tokens <- regmatches(text, gregexpr(token, text, perl = TRUE))[[1L]]
  constant <- !startsWith(tokens, '"')
  if (!any(constant)) return(invisible())
  mark <- intToUtf8(0xE000L)
  marked <- text
  regmatches(marked, gregexpr(token, text, perl = TRUE)) <-
    list(ifelse(constant, paste0('"', mark, '"'), tokens))
  document <- tryCatch(parse_json(marked), error = function(error) NULL)
  place <- if (is.list(document)) place_of(document$instances, mark) else ""
  refuse(
    400L, place, tokens[constant][1L], " is not JSON; send null for a missing value"
  )
}

place_of <- function(rows, mark) {
  for (number in seq_along(rows)) {
    for (name in names(rows[[number]])) {
      if (identical(rows[[number]][[name]], mark)) {
        return(sprintf("row %d, column '%s': ", number, name))
      }
    }
  }
  ""
}

csv_request <- function(text, contract) {
  cells <- csv_cells(sub("^\ufeff", "", text))
  if (length(cells) < 2L) {
    refuse(400L, "send a header line with the columns' names and at least one row")
  }
  names <- trimws(cells[[1L]], whitespace = "[\\h\\v]")
  names[!nzchar(names)] <- sprintf("unnamed %d", which(!nzchar(names)))
  twice <- sort(names[duplicated(names)])
  if (length(twice)) {
    refuse(400L, "the header: the column '", twice[1L], "' appears twice; rename one")
  }
  rows <- cells[-1L]
  widths <- lengths(rows)
  wrong <- which(widths != length(names))
  if (length(wrong)) {
    refuse(
      400L, "row ", wrong[1L], ": has ", widths[wrong[1L]], " values, the header ", length(names)
    )
  }
  table <- matrix(unlist(rows), length(names))
  list(
    arrays = read_columns(
      contract, seq_along(rows),
      function(number) names,
      function(name) table[match(name, names), ]
    ),
    explain = FALSE
  )
}

# The model's columns; every row has all of them, and none that the data set does not know.
read_columns <- function(contract, rows, names_of, cells_of_column) {
  needed <- names(contract$columns)
  checked <- NULL
  for (number in rows) {
    sent <- names_of(number)
    if (identical(sent, checked)) next
    lacking <- setdiff(needed, sent)
    if (length(lacking)) {
      refuse(
        400L, "row ", number, ": column '", lacking[1L],
        "' is missing; send null when it is unknown"
      )
    }
    strange <- setdiff(sent, contract$known)
    if (length(strange)) {
      refuse(
        400L, "row ", number, ": column '", strange[1L], "' is unknown; the model reads ",
        paste(utils::head(needed, 10L), collapse = ", "), if (length(needed) > 10L) " and others"
      )
    }
    checked <- sent
  }
  tryCatch(
    lapply(contract$columns, function(column) {
      read_cells(cells_of_column(column$name), column)
    }),
    error = function(error) refuse(400L, conditionMessage(error))
  )
}

# The way of most values, without a look at each: numbers of JSON where numbers belong, and known
# categories. Gaps are left out first; whatever else there is, `read_values` reads one by one.
read_cells <- function(cells, column) {
  if (is.character(cells) && column$type != "factor") return(read_values(cells, column))
  gaps <- lengths(cells) == 0L & vapply(cells, is.null, NA)
  types <- vapply(cells[!gaps], typeof, "")
  values <- unlist(cells[!gaps], use.names = FALSE)
  if (!is_usual(values, types, column)) return(read_values(cells, column))
  missing <- if (column$type == "factor") missing_category else NA_real_
  if (!any(gaps)) return(if (column$numeric) as.double(values) else values)
  read <- rep(missing, length(cells))
  read[!gaps] <- values
  read
}

is_usual <- function(values, types, column) {
  if (!length(types)) return(column$type != "text")
  if (column$type == "factor") return(all(types == "character") && all(values %in% column$usual))
  if (!column$numeric || !all(types %in% c("double", "integer")) || !all(is.finite(values))) {
    return(FALSE)
  }
  switch(column$kind,
    number = TRUE,
    integer = all(values == floor(values)),
    boolean = all(values == 0 | values == 1),
    FALSE
  )
}

# The records of a CSV text, each a vector of its cells; empty lines are none.
csv_cells <- function(text) {
  pattern <- '"(?:[^"]|"")*"?|[^,"\r\n][^,\r\n]*|,|\r\n|\n|\r'
  tokens <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1L]]
  first <- substr(tokens, 1L, 1L)
  ends <- first %in% c("\r", "\n")
  is_cell <- !ends & first != ","
  if (any(is_cell[-1L] & is_cell[-length(tokens)])) {
    refuse(400L, "the body is not CSV: ',' expected after '\"'")
  }
  if (any(first == '"' & !grepl('^"(?:[^"]|"")*"$', tokens, perl = TRUE))) {
    refuse(400L, "the body is not CSV: unexpected end of data")
  }
  record <- cumsum(c(0L, ends[-length(ends)]))
  lapply(split(seq_along(tokens), record)[lengths(split(!ends, record)) > 0], function(at) {
    at <- at[!ends[at]]
    line_cells(tokens[at], is_cell[at])
  }) |> Filter(f = length) |> unname()
}

line_cells <- function(tokens, is_cell) {
  if (!length(tokens)) return(character())
  position <- 1L + cumsum(!is_cell)
  cells <- rep("", max(position))
  quoted <- is_cell & startsWith(tokens, '"')
  tokens[quoted] <- gsub('""', '"', substr(tokens[quoted], 2L, nchar(tokens[quoted]) - 1L),
    fixed = TRUE
  )
  cells[position[is_cell]] <- tokens[is_cell]
  cells
}
