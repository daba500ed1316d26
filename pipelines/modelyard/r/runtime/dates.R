# Dates as days since 1970-01-01 UTC: ISO 8601, or a format of Python's strptime.

iso_date <- paste0(
  "^([0-9]{4})(-([0-9]{2})-([0-9]{2})|([0-9]{2})([0-9]{2}))",
  "(?:.([0-9]{2})(?:(:?)([0-9]{2})(?:\\8([0-9]{2})(?:[.,]([0-9]+))?)?)?",
  "(Z|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?)?$"
)
month_names <- c(
  "january", "february", "march", "april", "may", "june", "july", "august", "september",
  "october", "november", "december"
)
# What each directive of a format may be, and which part of a date it is.
directives <- list(
  Y = c("([0-9]{4})", "year"), y = c("([0-9]{2})", "short"),
  m = c("(1[0-2]|0[1-9]|[1-9])", "month"), d = c("(3[01]|[12][0-9]|0[1-9]| ?[1-9])", "day"),
  H = c("(2[0-3]|[01][0-9]|[0-9])", "hour"), M = c("([0-5][0-9]|[0-9])", "minute"),
  S = c("([0-5][0-9]|[0-9])", "second"), f = c("([0-9]{1,6})", "fraction"),
  b = c(paste0("(", paste(substr(month_names, 1L, 3L), collapse = "|"), ")"), "named"),
  B = c(paste0("(", paste(month_names, collapse = "|"), ")"), "named")
)

like_date <- function(format) {
  if (is.null(format) || format == "iso") "2026-01-31" else format
}

read_dates <- function(text, format) {
  read <- if (is.null(format) || format == "iso") iso_parts else date_format(format)
  parts <- lapply(text, read)
  days <- vapply(parts, function(part) if (is.null(part)) NA_real_ else days_of(part), 0)
  list(days, !is.na(days))
}

iso_parts <- function(text) {
  found <- regmatches(text, regexec(iso_date, text, perl = TRUE))[[1L]]
  if (!length(found)) return(NULL)
  number <- function(i) if (nzchar(found[i])) as.numeric(found[i]) else 0
  list(
    year = number(2L), month = number(4L) + number(6L), day = number(5L) + number(7L),
    hour = number(8L), minute = number(10L), second = number(11L),
    fraction = found[12L], zone = found[13L]
  )
}

# Reads one text by a format; stops where the format says something that is not known here.
date_format <- function(format) {
  marks <- regmatches(format, gregexpr("%.|[^%]", format))[[1L]]
  is_part <- substr(marks, 1L, 1L) == "%"
  codes <- substr(marks[is_part], 2L, 2L)
  unknown <- setdiff(codes, names(directives))
  if (length(unknown)) {
    stop("the date format '", format, "' uses %", unknown[1L], ", which R does not read here; ",
      "write the column as ISO dates", call. = FALSE)
  }
  literal <- gsub("([][{}()+*^$|\\\\?.])", "\\\\\\1", marks[!is_part])
  marks[!is_part] <- ifelse(grepl("[[:space:]]", literal), "\\s+", literal)
  marks[is_part] <- vapply(directives[codes], `[`, "", 1L)
  pattern <- paste0("(?i)^", paste(marks, collapse = ""), "$")
  means <- vapply(directives[codes], `[`, "", 2L)
  function(text) {
    found <- regmatches(text, regexec(pattern, text, perl = TRUE))[[1L]]
    if (!length(found)) return(NULL)
    named_parts(as.list(stats::setNames(found[-1L], means)))
  }
}

named_parts <- function(found) {
  number <- function(name, otherwise) as.numeric(found[[name]] %||% otherwise)
  short <- number("short", 0)
  list(
    year = number("year", if (is.null(found$short)) 1900 else short + if (short < 69) 2000 else 1900),
    month = if (is.null(found$named)) {
      number("month", 1)
    } else {
      match(tolower(substr(found$named, 1L, 3L)), substr(month_names, 1L, 3L))
    },
    day = number("day", 1), hour = number("hour", 0), minute = number("minute", 0),
    second = number("second", 0), fraction = found$fraction %||% "", zone = ""
  )
}

# Days since 1970-01-01 UTC, NA where there is no such moment.
days_of <- function(part) {
  if (part$year < 1 || part$month < 1 || part$month > 12 || part$day < 1) return(NA_real_)
  if (part$day > month_days(part$year, part$month)) return(NA_real_)
  if (part$hour > 23 || part$minute > 59 || part$second > 59) return(NA_real_)
  micros <- as.numeric(substr(paste0(part$fraction, "000000"), 1L, 6L))
  seconds <- part$hour * 3600 + part$minute * 60 + part$second - zone_seconds(part$zone)
  days <- civil_days(part$year, part$month, part$day)
  (days * 86400e6 + seconds * 1e6 + micros) / 86400e6
}

month_days <- function(year, month) {
  leap <- year %% 4 == 0 && (year %% 100 != 0 || year %% 400 == 0)
  if (month == 2) 28 + leap else c(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month]
}

# The day's number in the proleptic Gregorian calendar.
civil_days <- function(year, month, day) {
  shifted <- year - (month <= 2)
  era <- floor(shifted / 400)
  of_era <- shifted - era * 400
  of_year <- floor((153 * ((month + 9) %% 12) + 2) / 5) + day - 1
  era * 146097 + of_era * 365 + floor(of_era / 4) - floor(of_era / 100) + of_year - 719468
}

zone_seconds <- function(zone) {
  if (!nzchar(zone) || zone == "Z") return(0)
  digits <- gsub("[^0-9]", "", zone)
  parts <- as.numeric(substring(paste0(digits, "0000"), c(1L, 3L, 5L), c(2L, 4L, 6L)))
  sum(parts * c(3600, 60, 1)) * if (startsWith(zone, "-")) -1 else 1
}
