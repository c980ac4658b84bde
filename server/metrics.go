package server

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/session/wire"
)

// metrics are our own; those of the media engine are in the registry of the
// process. No label carries what names a room, a user or a secret.
type metrics struct {
	registry    *prometheus.Registry
	joins       *prometheus.CounterVec // by result
	joining     prometheus.Gauge
	uploads     *prometheus.CounterVec // by result
	uploading   prometheus.Gauge
	uploadBytes prometheus.Counter

	keptBytes, keptMessages       prometheus.Gauge // at this node's last look
	droppedBytes, droppedMessages prometheus.Counter
}

const (
	metricsPath = "/metrics"
	// resultOK is the result of what was not refused; the others are codes.
	resultOK = "ok"
)

func newMetrics() *metrics {
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		joins:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_joins_total", Help: "Joins by result: ok, or the code of the refusal."}, []string{"result"}),
		joining:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "parley_joins_in_progress", Help: "Joins that are being answered."}),
		uploads:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_uploads_total", Help: "Uploads of attachments by result: ok, or the code of the refusal."}, []string{"result"}),
		uploading: prometheus.NewGauge(prometheus.GaugeOpts{Name: "parley_uploads_in_progress", Help: "Uploads that go on."}),

		keptBytes:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "parley_retention_kept_bytes", Help: "Bytes of messages and attachments, where a retention is configured; of several nodes one tells each AppID's."}),
		keptMessages:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "parley_retention_kept_messages", Help: "Messages, where a retention is configured; of several nodes one tells each AppID's."}),
		droppedBytes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "parley_retention_dropped_bytes_total", Help: "Bytes of messages and attachments that went by a limit of bytes."}),
		droppedMessages: prometheus.NewCounter(prometheus.CounterOpts{Name: "parley_retention_dropped_messages_total", Help: "Messages that went by a limit of bytes."}),

		uploadBytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "parley_upload_bytes_total", Help: "Bytes of the uploads that were stored."}),
	}
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_build_info", Help: "Always 1; the labels tell the build.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH},
	}, func() float64 { return 1 })
	m.registry.MustRegister(m.joins, m.joining, m.uploads, m.uploading, m.uploadBytes, m.keptBytes, m.keptMessages, m.droppedBytes, m.droppedMessages, build)
	m.joins.WithLabelValues(resultOK) // there from the start, as 0
	m.uploads.WithLabelValues(resultOK)
	return m
}

// kept tells of what the retention keeps and dropped.
func (m *metrics) kept(k kept) {
	m.keptBytes.Set(float64(k.bytes))
	m.keptMessages.Set(float64(k.messages))
	m.droppedBytes.Add(float64(k.dropped))
	m.droppedMessages.Add(float64(k.droppedMessages))
}

// handler answers with the metrics of both engines and ours.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers{prometheus.DefaultGatherer, m.registry}, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// metricsAddress is where the metrics are served: without a host, to this
// machine only.
func metricsAddress(setting string) string {
	if host, port, err := net.SplitHostPort(setting); err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return setting
}

// serveMetrics opens the address of the metrics, where one is configured.
func (s *Server) serveMetrics() error {
	if s.config.Metrics == "" || s.config.Metrics == MetricsPublic {
		return nil
	}
	listener, err := listenTCP(metricsAddress(s.config.Metrics), "the metrics", "metrics in the configuration")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+metricsPath, s.metrics.handler())
	s.metricsAddr = listener.Addr()
	s.metricsHTTP = s.newHTTP(mux)
	s.serving.Go(func() {
		if err := s.metricsHTTP.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.config.Logger.Error("the metrics are no longer served", "error", err)
		}
	})
	return nil
}

// MetricsURL is where the metrics are, or empty.
func (s *Server) MetricsURL() string {
	switch {
	case s.metricsAddr != nil:
		return fmt.Sprintf("http://%s%s", s.metricsAddr, metricsPath)
	case s.config.Metrics == MetricsPublic:
		return s.URL() + metricsPath
	default:
		return ""
	}
}

// observed remembers how a request was answered.
type observed struct {
	http.ResponseWriter
	status int
	code   wire.Code
}

func (o *observed) WriteHeader(status int) {
	if o.status == 0 && status >= http.StatusOK {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

// refused is told by refuse.
func (o *observed) refused(code wire.Code) { o.code = code }

// Unwrap is for http.ResponseController.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func (o *observed) result() string {
	switch {
	case o.code != "":
		return string(o.code)
	case o.status >= http.StatusBadRequest:
		return "other"
	default:
		return resultOK
	}
}

// countJoins counts the joins that next answers.
func (m *metrics) countJoins(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m.joining.Inc()
		defer m.joining.Dec()
		o := &observed{ResponseWriter: w}
		next(o, r)
		m.joins.WithLabelValues(o.result()).Inc()
	}
}

// countUploads counts the uploads among what next answers.
func (m *metrics) countUploads(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			next.ServeHTTP(w, r)
			return
		}
		m.uploading.Inc()
		defer m.uploading.Dec()
		o := &observed{ResponseWriter: w}
		next.ServeHTTP(o, r)
		m.uploads.WithLabelValues(o.result()).Inc()
		if o.status == http.StatusCreated && r.ContentLength > 0 {
			m.uploadBytes.Add(float64(r.ContentLength))
		}
	})
}
