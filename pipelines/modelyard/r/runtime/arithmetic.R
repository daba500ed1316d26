# A linear model as plain arithmetic (modelyard.scorer): the same sums in the same order as in
# Python, for scores and for explanations.

read_arithmetic <- function(folder) {
  file <- file.path(folder, "scorer.json")
  if (!file.exists(file)) return(NULL)
  document <- jsonlite::read_json(file, simplifyVector = FALSE)
  list(
    link = document$link,
    base = as.double(unlist(document$base)),
    terms = lapply(document$terms, read_term)
  )
}

read_term <- function(term) {
  if (is.null(term$levels)) {
    return(list(
      name = term$name,
      center = as.double(term$center),
      slope = as.double(unlist(term$slope)),
      gap = if (!is.null(term$gap)) as.double(unlist(term$gap))
    ))
  }
  parts <- rbind(do.call(rbind, lapply(term$levels, unlist)), unlist(term$other))
  list(name = term$name, levels = names(term$levels), parts = unname(parts))
}

# What a term adds for each row (rows) and output (columns).
term_parts <- function(term, values) {
  if (!is.null(term$levels)) {
    found <- match(values, term$levels, nomatch = length(term$levels) + 1L)
    return(term$parts[found, , drop = FALSE])
  }
  gaps <- is.na(values)
  if (any(gaps) && is.null(term$gap)) {
    stop("column '", term$name, "' is missing, and the model was not made for gaps", call. = FALSE)
  }
  moved <- values - term$center
  parts <- matrix(moved * rep(term$slope, each = length(moved)), length(moved))
  for (output in if (any(gaps)) seq_along(term$slope)) parts[gaps, output] <- term$gap[output]
  parts
}

decide <- function(arithmetic, arrays) {
  rows <- length(arrays[[1L]])
  decision <- matrix(arithmetic$base, rows, length(arithmetic$base), byrow = TRUE)
  for (term in arithmetic$terms) decision <- decision + term_parts(term, arrays[[term$name]])
  decision
}

apply_link <- function(link, decision) {
  if (link == "identity") return(decision)
  if (link == "logistic") {
    power <- exp(-abs(decision))
    positive <- ifelse(decision >= 0, 1 / (1 + power), power / (1 + power))
    return(cbind(1 - positive, positive, deparse.level = 0))
  }
  powers <- exp(decision - apply(decision, 1L, max))
  powers / rowSums(powers)
}

# Contributions by column, each a matrix (rows, outputs), with the base they are added to.
explained <- function(arithmetic, document, arrays) {
  means <- document$means
  parts <- lapply(arithmetic$terms, function(term) {
    sweep(term_parts(term, arrays[[term$name]]), 2L, as.double(unlist(means[[term$name]])))
  })
  list(
    unit = if (arithmetic$link == "identity") "target" else "log-odds",
    base = as.double(unlist(document$base)),
    names = vapply(arithmetic$terms, `[[`, "", "name"),
    parts = parts
  )
}
