# The model: what is learned from the training rows, and how it answers for others.
#
# build_model returns plain data (numbers, texts, factors, matrices, lists of them), because a
# model's file must be readable without running anybody's code. Anything R can fit fits here.

# What project.yaml may tune (training.hyperparameters), with defaults that say of which type.
tuned <- list(penalty = 10)

# train has rows (features.R says how they come), answers (a factor) and weights.
#
# A logistic regression, kept small by a penalty, is the honest baseline: fast, calibrated, and
# explained by its weights.
build_model <- function(train, contract, hyperparameters) {
  learned <- learn_features(train$rows)
  x <- cbind(1, make_features(train$rows, learned))
  y <- outer(as.integer(train$answers), seq_along(levels(train$answers)), "==") + 0
  weights <- softmax_weights(x, y, train$weights, hyperparameters$penalty)
  list(learned = learned, weights = weights)
}

# Probabilities: of the second of two classes, or a matrix with a column per class.
predict_model <- function(model, rows) {
  decisions <- decide_model(model, rows)
  if (is.null(dim(decisions))) plogis(decisions) else softmax(decisions)
}

# The sums behind the probabilities; with them, the platform explains each answer exactly. Leave
# this out for a model that is no sum of one term per column.
decide_model <- function(model, rows) {
  decisions <- cbind(1, make_features(rows, model$learned)) %*% model$weights
  if (ncol(decisions) == 2) decisions[, 2] - decisions[, 1] else decisions
}

softmax <- function(decisions) {
  powers <- exp(decisions - apply(decisions, 1, max))
  powers / rowSums(powers)
}

# A column of weights per class; all but the first row, the intercept, are penalised.
softmax_weights <- function(x, y, row_weights, penalty) {
  penalties <- c(0, rep(penalty, ncol(x) - 1))
  shaped <- function(flat) matrix(flat, ncol(x))
  loss <- function(flat) {
    likely <- rowSums(softmax(x %*% shaped(flat)) * y)
    sum(penalties * shaped(flat)^2) / 2 - sum(row_weights * log(pmax(likely, 1e-300)))
  }
  gradient <- function(flat) {
    penalties * shaped(flat) + crossprod(x, row_weights * (softmax(x %*% shaped(flat)) - y))
  }
  found <- optim(
    numeric(ncol(x) * ncol(y)), loss, gradient, method = "L-BFGS-B", control = list(maxit = 1000)
  )
  shaped(found$par)
}
