# Plain data as JSON and back, to the last bit. A model is plain data: vectors and lists of them,
# with their names, dimensions, levels and classes. Functions, formulas and environments are code;
# a file that holds none can be read without running anybody's.

plain_types <- c("NULL", "list", "double", "integer", "logical", "character")

plain_json <- function(value, place = "the model") {
  type <- typeof(value)
  if (!type %in% plain_types || isS4(value)) refuse_code(value, place)
  values <- switch(type,
    "NULL" = "[]",
    list = array_json(plain_parts(value, place)),
    double = array_json(double_parts(as.double(value))),
    character = array_json(ifelse(is.na(value), "null", text_json(unclass(value)))),
    array_json(ifelse(is.na(value), "null", tolower(as.character(as.vector(unclass(value))))))
  )
  about <- attributes(value)
  if (is.null(about)) return(sprintf('{"type": "%s", "values": %s}', type, values))
  told <- vapply(names(about), function(name) {
    plain_json(about[[name]], paste0(place, "'s ", name))
  }, "")
  sprintf(
    '{"type": "%s", "values": %s, "attributes": %s}',
    type, values, object_json(text_json(names(about)), told)
  )
}

plain_parts <- function(value, place) {
  names <- names(value) %||% rep("", length(value))
  steps <- ifelse(nzchar(names), paste0("$", names), sprintf("[[%d]]", seq_along(value)))
  parts <- unclass(value)
  vapply(seq_along(parts), function(i) plain_json(parts[[i]], paste0(place, steps[i])), "")
}

double_parts <- function(x) {
  text <- character(length(x))
  finite <- is.finite(x)
  text[finite] <- number_json(x[finite])
  text[!finite] <- ifelse(
    is.na(x[!finite]) & !is.nan(x[!finite]), "null", sprintf('"%s"', x[!finite])
  )
  text
}

refuse_code <- function(value, place) {
  what <- if (is.function(value)) "a function" else paste("of type", typeof(value))
  stop(
    place, " is ", what, ", which cannot be kept without keeping code: let build_model return ",
    "plain data (numbers, texts, factors, matrices, data frames and lists of them) that ",
    "predict_model can work with",
    call. = FALSE
  )
}

plain_value <- function(document) {
  parts <- document$values
  value <- switch(document$type,
    "NULL" = NULL,
    list = lapply(parts, plain_value),
    double = vapply(parts, function(x) if (is.null(x)) NA_real_ else as.double(x), 0),
    integer = vapply(parts, function(x) if (is.null(x)) NA_integer_ else as.integer(x), 0L),
    logical = vapply(parts, function(x) if (is.null(x)) NA else x, NA),
    character = vapply(parts, function(x) if (is.null(x)) NA_character_ else x, ""),
    stop("the model's file holds the type '", document$type, "', which is not plain data")
  )
  if (!is.null(document$attributes)) attributes(value) <- lapply(document$attributes, plain_value)
  value
}

read_plain <- function(file) {
  plain_value(jsonlite::read_json(file, simplifyVector = FALSE))
}
