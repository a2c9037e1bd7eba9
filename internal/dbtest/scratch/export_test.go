package scratch

// Start is start.
var Start = start
