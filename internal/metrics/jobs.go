package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Jobs observes what is done beside the requests.
type Jobs struct {
	runs        *prometheus.CounterVec
	duration    *prometheus.HistogramVec
	lastSuccess *prometheus.GaugeVec
}

func newJobs(in promauto.Factory) *Jobs {
	return &Jobs{
		runs: in.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "job_runs_total", Help: "Runs of a job by how they ended.",
		}, []string{"job", "result"}),
		duration: in.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "job_duration_seconds", Help: "How long a run of a job took.",
			Buckets: []float64{.01, .05, .1, .5, 1, 5, 10, 30, 60, 300, 900},
		}, []string{"job"}),
		lastSuccess: in.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "job_last_success_timestamp_seconds",
			Help: "When a job last succeeded in this process, in Unix seconds; absent before it has.",
		}, []string{"job"}),
	}
}

// Ran observes a run of a job that began at an instant and has just ended, with err where it failed. The names of
// jobs are few and the program's own.
func (j *Jobs) Ran(job string, since time.Time, err error) {
	if j == nil {
		return
	}
	j.duration.WithLabelValues(job).Observe(time.Since(since).Seconds())
	ok, failed := j.runs.WithLabelValues(job, "ok"), j.runs.WithLabelValues(job, "failed") // a rate needs both from the first run on
	if err != nil {
		failed.Inc()
		return
	}
	ok.Inc()
	j.lastSuccess.WithLabelValues(job).SetToCurrentTime()
}
