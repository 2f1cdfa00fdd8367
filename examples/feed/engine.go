package main

import (
	"errors"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// engine is a connection to NATS, and to a NATS server within this process where
// none is named.
type engine struct {
	*nats.Conn
	embedded *server.Server // or nil
	temp     string         // the folder of its own that it uses, or ""
}

// newEngine connects to the NATS servers at urls, or starts one that keeps what
// it stores in a folder.
func newEngine(urls, store string) (*engine, error) {
	if urls != "" {
		conn, err := connect(urls)
		return &engine{Conn: conn}, err
	}
	e := &engine{}
	if store == "" {
		var err error
		if e.temp, err = os.MkdirTemp("", "feed"); err != nil {
			return nil, err
		}
		store = e.temp
	}
	err := e.start(store)
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *engine) start(store string) (err error) {
	e.embedded, err = server.NewServer(&server.Options{
		ServerName: "feed",
		DontListen: true, // it is for this process only
		JetStream:  true,
		StoreDir:   store,
		SyncAlways: true, // what is acknowledged outlives a loss of power
		NoSigs:     true,
	})
	if err != nil {
		return err
	}
	e.embedded.Start()
	if !e.embedded.ReadyForConnections(startTimeout) {
		return errors.New("the embedded NATS server does not start")
	}
	e.Conn, err = connect("", nats.InProcessServer(e.embedded))
	return err
}

// connect returns a connection that looks for a server for ever.
func connect(urls string, opts ...nats.Option) (*nats.Conn, error) {
	return nats.Connect(urls, append(opts,
		nats.Name("feed"),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(pause),
		nats.ReconnectJitter(pause, pause),
		nats.ReconnectBufSize(-1), // what cannot be sent now fails now
		nats.PingInterval(2*time.Second),
	)...)
}

func (e *engine) close() {
	if e.Conn != nil {
		e.Conn.Close()
	}
	if e.embedded != nil {
		e.embedded.Shutdown()
		e.embedded.WaitForShutdown()
	}
	if e.temp != "" {
		os.RemoveAll(e.temp) //nolint:errcheck // it is in the folder for such
	}
}
