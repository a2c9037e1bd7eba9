package metrics

import (
	"database/sql"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	connectionsNow = prometheus.NewDesc(namespace+"_db_connections",
		"Open connections of the pool. The one that listens for notifications is not among them.", []string{"state"}, nil)
	connectionsMax = prometheus.NewDesc(namespace+"_db_connections_max",
		"How many connections the pool may have open.", nil, nil)
)

// connections shows a pool as it is at the moment of a scrape, and nothing before there is a pool.
type connections struct {
	stats atomic.Pointer[func() sql.DBStats]
}

// Describe is for the registry.
func (c *connections) Describe(to chan<- *prometheus.Desc) {
	to <- connectionsNow
	to <- connectionsMax
}

// Collect reads the pool once, so that its numbers fit together.
func (c *connections) Collect(to chan<- prometheus.Metric) {
	stats := c.stats.Load()
	if stats == nil {
		return
	}
	now := (*stats)()
	show := func(desc *prometheus.Desc, n int, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), labels...)
	}
	show(connectionsNow, now.InUse, "in_use")
	show(connectionsNow, now.Idle, "idle")
	show(connectionsMax, now.MaxOpenConnections)
}
