package server

import (
	"context"
	"slices"

	"github.com/livekit/protocol/livekit"
	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/prometheus/client_golang/prometheus"
)

// gauges asks the engines and the edge when the metrics are asked for.
type gauges struct {
	s     *Server
	descs map[string]*prometheus.Desc
}

// value is one metric of gauges.
type value struct {
	name, help string
	kind       prometheus.ValueType
	value      float64
}

func newGauges(s *Server) *gauges {
	g := &gauges{s: s, descs: make(map[string]*prometheus.Desc)}
	for _, v := range slices.Concat(g.edge(), callValues(nil), chatValues(&natsd.Varz{}, &natsd.JSInfo{})) {
		g.descs[v.name] = prometheus.NewDesc(v.name, v.help, nil, nil)
	}
	return g
}

func (g *gauges) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range g.descs {
		descs <- d
	}
}

func (g *gauges) Collect(metrics chan<- prometheus.Metric) {
	values := g.edge()
	if engine := g.s.chat.server; engine != nil { // one that runs by itself has its own
		varz, err := engine.Varz(&natsd.VarzOptions{})
		if err == nil {
			var js *natsd.JSInfo
			if js, err = engine.Jsz(&natsd.JSzOptions{}); err == nil {
				values = append(values, chatValues(varz, js)...)
			}
		}
		if err != nil {
			g.s.config.Logger.Warn("the chat engine tells nothing about itself", "error", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	if list, err := g.s.media.rooms.ListRooms(ctx, &livekit.ListRoomsRequest{}); err == nil {
		values = append(values, callValues(list.Rooms)...)
	} else {
		g.s.config.Logger.Warn("the media engine does not tell its rooms", "error", err)
	}
	for _, v := range values {
		metrics <- prometheus.MustNewConstMetric(g.descs[v.name], v.kind, v.value)
	}
}

func (g *gauges) edge() []value {
	n := g.s.edge.count()
	draining := 0.0
	if g.s.drain.begun() {
		draining = 1
	}
	return []value{
		{"parley_draining", "1 while no joins are taken because the server ends.", prometheus.GaugeValue, draining},
		{"parley_connections", "Open connections of the public port.", prometheus.GaugeValue, float64(n.open)},
		{"parley_connections_waiting", "Open connections that ask for nothing.", prometheus.GaugeValue, float64(n.waiting)},
		{"parley_websockets", "Open WebSockets: two for each participant.", prometheus.GaugeValue, float64(n.upgraded)},
		{"parley_connections_refused_total", "Connections for which there was no place.", prometheus.CounterValue, float64(n.refused)},
		{"parley_connections_displaced_total", "Waiting connections that gave way to others.", prometheus.CounterValue, float64(n.displaced)},
	}
}

func callValues(rooms []*livekit.Room) []value {
	people := uint32(0)
	for _, room := range rooms {
		people += room.NumParticipants
	}
	return []value{
		{"parley_rooms", "Rooms with people in them, or just left.", prometheus.GaugeValue, float64(len(rooms))},
		{"parley_participants", "People in them.", prometheus.GaugeValue, float64(people)},
	}
}

func chatValues(v *natsd.Varz, js *natsd.JSInfo) []value {
	return []value{
		{"parley_chat_connections", "Connections of the chat engine, our own among them.", prometheus.GaugeValue, float64(v.Connections)},
		{"parley_chat_connections_total", "Connections that the chat engine took.", prometheus.CounterValue, float64(v.TotalConnections)},
		{"parley_chat_subscriptions", "Subscriptions of the chat engine.", prometheus.GaugeValue, float64(v.Subscriptions)},
		{"parley_chat_messages_in_total", "Messages that came to the chat engine.", prometheus.CounterValue, float64(v.InMsgs)},
		{"parley_chat_messages_out_total", "Messages that the chat engine sent.", prometheus.CounterValue, float64(v.OutMsgs)},
		{"parley_chat_bytes_in_total", "Bytes of the messages that came to the chat engine.", prometheus.CounterValue, float64(v.InBytes)},
		{"parley_chat_bytes_out_total", "Bytes of the messages that the chat engine sent.", prometheus.CounterValue, float64(v.OutBytes)},
		{"parley_chat_slow_consumers_total", "Clients that were cut off because they read too slowly.", prometheus.CounterValue, float64(v.SlowConsumers)},
		{"parley_chat_streams", "Streams in the chat engine's store.", prometheus.GaugeValue, float64(js.Streams)},
		{"parley_chat_consumers", "Consumers of those streams.", prometheus.GaugeValue, float64(js.Consumers)},
		{"parley_chat_stored_messages", "Messages in the store, pieces of attachments among them.", prometheus.GaugeValue, float64(js.Messages)},
		{"parley_chat_stored_bytes", "Bytes in the store.", prometheus.GaugeValue, float64(js.Bytes)},
		{"parley_chat_api_requests_total", "Requests to the store.", prometheus.CounterValue, float64(js.API.Total)},
		{"parley_chat_api_errors_total", "Requests to the store that failed.", prometheus.CounterValue, float64(js.API.Errors)},
	}
}
