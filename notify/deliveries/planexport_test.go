package deliveries

// PlanNext is planNext, which sending calls in the transaction that records a failure.
var PlanNext = (*Service).planNext
