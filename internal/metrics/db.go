package metrics

import (
	"database/sql"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// baseBuckets are in seconds: a statement on a warm base takes a fraction of a millisecond, and none lasts longer than
// the request it is for.
var baseBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}

// DB observes the base.
type DB struct {
	queries                        [len(verbs)]prometheus.Observer
	waitToConnect, waitToWrite     prometheus.Observer
	committed, rolledBack, retried prometheus.Counter
	connections                    connections
}

func newDB(in promauto.Factory) *DB {
	queries := in.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: "db_query_duration_seconds", Buckets: baseBuckets,
		Help: "How long a statement took, from when it was asked to when its rows were closed. Outside a transaction the wait for its turn is part of it.",
	}, []string{"verb"})
	waits := in.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: "db_pool_wait_seconds", Buckets: baseBuckets,
		Help: "How long a statement or a transaction waited for a connection, or for the write before it, which on SQLite comes first.",
	}, []string{"for"})
	transactions := in.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "db_transactions_total",
		Help: "Transactions by how they ended; one that was retried was broken off because of another one, and begun anew. Those that Ent makes for a single write are not among them.",
	}, []string{"result"})
	d := &DB{
		waitToConnect: waits.WithLabelValues("connection"),
		waitToWrite:   waits.WithLabelValues("write"),
		committed:     transactions.WithLabelValues("committed"),
		rolledBack:    transactions.WithLabelValues("rolled_back"),
		retried:       transactions.WithLabelValues("retried"),
	}
	for verb, name := range verbs {
		d.queries[verb] = queries.WithLabelValues(name)
	}
	return d
}

// Queried observes a statement that was asked at an instant and has just ended. Its verb is the first word of query.
func (d *DB) Queried(query string, since time.Time) {
	if d != nil {
		d.queries[verbOf(query)].Observe(time.Since(since).Seconds())
	}
}

// WaitedToConnect observes a wait for a connection that has just ended, in whatever way.
func (d *DB) WaitedToConnect(since time.Time) {
	if d != nil {
		d.waitToConnect.Observe(time.Since(since).Seconds())
	}
}

// WaitedToWrite observes a wait for the write before.
func (d *DB) WaitedToWrite(since time.Time) {
	if d != nil {
		d.waitToWrite.Observe(time.Since(since).Seconds())
	}
}

// Committed counts a transaction that was committed.
func (d *DB) Committed() {
	if d != nil {
		d.committed.Inc()
	}
}

// RolledBack counts a transaction that was given up.
func (d *DB) RolledBack() {
	if d != nil {
		d.rolledBack.Inc()
	}
}

// Retried counts a transaction that is begun anew.
func (d *DB) Retried() {
	if d != nil {
		d.retried.Inc()
	}
}

// WatchPool says where a scrape reads the state of the connections.
func (d *DB) WatchPool(stats func() sql.DBStats) {
	if d != nil {
		d.connections.stats.Store(&stats)
	}
}
