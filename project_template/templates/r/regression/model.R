# The model: what is learned from the training rows, and how it answers for others.
#
# build_model returns plain data (numbers, texts, factors, matrices, lists of them), because a
# model's file must be readable without running anybody's code. Anything R can fit fits here.

# What project.yaml may tune (training.hyperparameters), with defaults that say of which type.
tuned <- list(penalty = 1)

# train has rows (features.R says how they come), answers (numbers) and weights.
#
# A ridge regression is the honest baseline: fast, stable, and explained by its weights.
build_model <- function(train, contract, hyperparameters) {
  learned <- learn_features(train$rows)
  x <- cbind(1, make_features(train$rows, learned))
  penalties <- diag(c(0, rep(hyperparameters$penalty, ncol(x) - 1)))
  weights <- solve(
    crossprod(x, train$weights * x) + penalties,
    crossprod(x, train$weights * train$answers)
  )
  list(learned = learned, weights = weights)
}

# A number for each row.
predict_model <- function(model, rows) {
  drop(cbind(1, make_features(rows, model$learned)) %*% model$weights)
}
