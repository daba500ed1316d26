# Rows from the platform's jobs and scores back to them, as files: texts in JSON, numbers as the
# eight bytes they are, so that both sides compute with the same bits.

read_arrays <- function(folder, columns) {
  about <- jsonlite::read_json(file.path(folder, "rows.json"), simplifyVector = FALSE)
  stream <- file(file.path(folder, "numbers.bin"), "rb")
  on.exit(close(stream))
  take <- function(n) readBin(stream, "double", n, size = 8L, endian = "little")
  arrays <- lapply(columns, function(column) {
    if (column$type == "text") return(as.character(unlist(about$texts[[column$name]])))
    values <- take(about$rows)
    if (column$type == "factor") return(column$levels[values])
    values[is.nan(values)] <- NA
    values
  })
  names(arrays) <- vapply(columns, `[[`, "", "name")
  list(
    rows = about$rows,
    arrays = arrays,
    answers = if (isTRUE(about$answers)) take(about$rows),
    weights = if (isTRUE(about$weights)) take(about$rows)
  )
}

write_scores <- function(folder, scores) {
  stream <- file(file.path(folder, "scores.bin"), "wb")
  on.exit(close(stream))
  writeBin(as.double(scores), stream, size = 8L, endian = "little")
}
