# What the model sees: how each kind of column becomes numbers.
#
# Rows come as the data contract reads them: numbers, booleans (0 or 1) and dates (days since 1970)
# as doubles with NA for a gap; categories as factors with the levels "(missing)" and "(other)";
# texts as characters, "" where missing.

# What has to be remembered of the training rows, column by column.
learn_features <- function(rows) {
  lapply(rows, function(column) {
    if (is.numeric(column)) return(learn_number(column))
    if (is.character(column)) return(list(words = frequent_words(column)))
    counts <- table(column)
    list(levels = setdiff(names(counts)[counts >= 5], "(other)"))
  })
}

# A numeric matrix with one row for each of the rows.
make_features <- function(rows, learned) {
  parts <- lapply(names(learned), function(name) {
    column <- rows[[name]]
    memory <- learned[[name]]
    if (is.numeric(column)) return(scaled(column, memory))
    if (is.character(column)) return(has_words(column, memory$words))
    outer(as.character(column), memory$levels, "==") + 0
  })
  do.call(cbind, parts)
}

learn_number <- function(column) {
  middle <- if (all(is.na(column))) 0 else median(column, na.rm = TRUE)
  filled <- ifelse(is.na(column), middle, column)
  deviation <- sd(filled)
  list(
    middle = middle,
    mean = mean(filled),
    deviation = if (is.na(deviation) || deviation == 0) 1 else deviation
  )
}

# Gaps filled with the median and flagged as gaps, then mean 0 and deviation 1.
scaled <- function(column, memory) {
  filled <- ifelse(is.na(column), memory$middle, column)
  cbind((filled - memory$mean) / memory$deviation, is.na(column) + 0)
}

# The hundred most frequent words, and which of them each text has.
frequent_words <- function(texts) {
  counts <- sort(table(unlist(words_of(texts))), decreasing = TRUE)
  head(names(counts), 100)
}

has_words <- function(texts, words) {
  found <- lapply(words_of(texts), function(has) words %in% has)
  matrix(as.numeric(unlist(found)), length(texts), byrow = TRUE)
}

words_of <- function(texts) strsplit(tolower(texts), "[^[:alnum:]]+")
