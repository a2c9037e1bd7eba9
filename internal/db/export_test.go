package db

// Remembered is how many statements a connection keeps prepared.
const Remembered = remembered
