# Numbers and texts as JSON, to the last bit and spelled as Python spells them.

# The shortest decimal text that gives a finite double back, as Python's repr has it.
number_text <- function(x) {
  text <- sprintf("%.15g", x)
  for (digits in c("%.16g", "%.17g")) {
    inexact <- which(as.numeric(text) != x)
    if (!length(inexact)) break
    text[inexact] <- sprintf(digits, x[inexact])
  }
  whole <- which(abs(x) < 1e16 & x == floor(x))
  text[whole] <- sprintf("%.0f", x[whole])
  text
}

# A double in JSON: always with a mark that it is one.
number_json <- function(x) {
  text <- number_text(x)
  whole <- grepl("^-?[0-9]+$", text)
  text[whole] <- paste0(text[whole], ".0")
  text
}

# Texts in JSON, each with its quotes.
text_json <- function(x) {
  if (length(x) != 1L) return(vapply(x, text_json, "", USE.NAMES = FALSE))
  quoted <- jsonlite::toJSON(enc2utf8(x), na = "null")
  substr(quoted, 2L, nchar(quoted) - 1L)
}

# The same with nothing but ASCII: other characters become \u escapes, as log drivers count bytes.
ascii_json <- function(text) {
  json <- text_json(text)
  if (!grepl("[^ -~]", json)) return(json)
  codes <- utf8ToInt(json)
  parts <- intToUtf8(codes, multiple = TRUE)
  high <- codes > 0xFFFF
  wide <- codes > 126 & !high
  parts[wide] <- sprintf("\\u%04x", codes[wide])
  rest <- codes[high] - 0x10000
  parts[high] <- sprintf("\\u%04x\\u%04x", 0xD800 + rest %/% 0x400, 0xDC00 + rest %% 0x400)
  paste(parts, collapse = "")
}

object_json <- function(names, values) {
  paste0("{", paste0(names, ": ", values, collapse = ", "), "}")
}

array_json <- function(values) paste0("[", paste(values, collapse = ", "), "]")

`%||%` <- function(value, otherwise) if (is.null(value)) otherwise else value
