package main

import (
	"errors"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// engine is a connection to NATS, and a NATS server within this process if none is
// named.
type engine struct {
	conn     *nats.Conn
	embedded *server.Server // or nil
	temp     string         // the folder to remove at the end, or ""
}

// newEngine connects to the NATS servers at urls. Without urls it starts one, which
// stores its data in a folder.
func newEngine(urls, store string) (e *engine, err error) {
	e = &engine{}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	if urls != "" {
		e.conn, err = connect(urls)
		return e, err
	}
	if store == "" {
		if e.temp, err = os.MkdirTemp("", "feed"); err != nil {
			return e, err
		}
		store = e.temp
	}
	if e.embedded, err = startNATS(store); err != nil {
		return e, err
	}
	e.conn, err = connect("", nats.InProcessServer(e.embedded))
	return e, err
}

// startNATS starts a NATS server that only this process can reach.
func startNATS(store string) (*server.Server, error) {
	embedded, err := server.NewServer(&server.Options{
		ServerName: "feed",
		DontListen: true,
		JetStream:  true,
		StoreDir:   store,
		SyncAlways: true, // acknowledged events survive a power failure
		NoSigs:     true,
	})
	if err != nil {
		return nil, err
	}
	embedded.Start()
	if !embedded.ReadyForConnections(startTimeout) {
		embedded.Shutdown()
		return nil, errors.New("the NATS server within this process does not start")
	}
	return embedded, nil
}

// connect returns a connection that never stops trying to reconnect.
func connect(urls string, opts ...nats.Option) (*nats.Conn, error) {
	return nats.Connect(urls, append(opts,
		nats.Name("feed"),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(pause),
		nats.ReconnectJitter(pause, pause),
		nats.ReconnectBufSize(-1), // requests fail if they cannot be sent now
		nats.PingInterval(2*time.Second),
	)...)
}

func (e *engine) close() {
	if e.conn != nil {
		e.conn.Close()
	}
	if e.embedded != nil {
		e.embedded.Shutdown()
		e.embedded.WaitForShutdown()
	}
	if e.temp != "" {
		os.RemoveAll(e.temp) //nolint:errcheck // the system cleans its temporary folder
	}
}
