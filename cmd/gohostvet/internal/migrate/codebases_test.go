package migrate

import (
	"path/filepath"
	"testing"
)

// Public code bases are migrated: what is written compiles, and passes the tests
// that it passed before.
func TestCodeBases(t *testing.T) {
	t.Parallel()
	if !*public {
		t.Skip("-public fetches and builds them")
	}
	plugin := (&project{t: t}).plugin()
	t.Run("go-grpc-middleware", func(t *testing.T) { //nolint:paralleltest // each uses all processors
		p := &project{t: t, dir: t.TempDir()}
		const module = "github.com/grpc-ecosystem/go-grpc-middleware/v2"
		p.fetch(module, "v2.3.4", p.dir)
		p.needs(p.dir)
		p.generateFrom(p.dir, plugin, module+"/testing/testpb", p.dir+"/testing/testpb", "test.proto")
		p.generateFrom(p.dir, plugin, module+"/testing/testvalidate/v1", p.dir+"/testing/testvalidate/v1", "testing/testvalidate/v1/test_validate.proto")
		p.run(p.dir, "go", "mod", "tidy")
		p.report(p.dir, "go-grpc-middleware", Options{Merge: true, Split: true}, "./...")
		p.run(p.dir, "go", "vet", "-p=2", "./...")
		p.test(p.dir, "./...")
	})
	t.Run("go-plugin", func(t *testing.T) { //nolint:paralleltest // each uses all processors
		p := &project{t: t, dir: t.TempDir()}
		const module = "github.com/hashicorp/go-plugin"
		p.fetch(module, "v1.8.0", p.dir)
		p.needs(p.dir)
		for _, of := range [][2]string{
			{"/internal/plugin", "internal/plugin/grpc_broker.proto"},
			{"/internal/plugin", "internal/plugin/grpc_controller.proto"},
			{"/internal/plugin", "internal/plugin/grpc_stdio.proto"},
			{"/test/grpc", "test.proto"},
			{"/examples/grpc/proto", "proto/kv.proto"},
			{"/examples/bidirectional/proto", "proto/kv.proto"},
			{"/examples/streaming/proto", "streamer.proto"},
		} {
			p.generateFrom(p.dir, plugin, module+of[0], p.dir+of[0], of[1])
		}
		p.run(p.dir, "go", "mod", "tidy")
		p.report(p.dir, "go-plugin", Options{Merge: true, Split: true}, "./...")
		p.run(p.dir, "go", "vet", "-p=2", "./...")
		// Its test of reflection knows the health service of an older grpc.
		p.test(p.dir, "-skip=TestGRPC_Reflection", "./...")
	})
	t.Run("etcd", func(t *testing.T) { //nolint:paralleltest // each uses all processors
		p := &project{t: t, dir: t.TempDir()}
		const etcd = "go.etcd.io/etcd/"
		api, client, server := filepath.Join(p.dir, "api"), filepath.Join(p.dir, "client"), filepath.Join(p.dir, "server")
		p.fetch(etcd+"api/v3", "v3.7.3", api)
		p.fetch(etcd+"client/v3", "v3.7.3", client)
		p.fetch(etcd+"server/v3", "v3.7.3", server)
		p.needs(server)
		p.run(server, "go", "mod", "edit", "-replace="+etcd+"api/v3="+api, "-replace="+etcd+"client/v3="+client,
			"-dropreplace="+etcd+"client/pkg/v3", "-dropreplace="+etcd+"pkg/v3")
		p.generateFrom(server, plugin, etcd+"api/v3/etcdserverpb", api+"/etcdserverpb", "rpc.proto")
		for _, name := range []string{"v3lock", "v3election"} {
			folder := "/etcdserver/api/" + name + "/" + name + "pb"
			p.generateFrom(server, plugin, etcd+"server/v3"+folder, server+folder, name+".proto")
		}
		p.run(server, "go", "mod", "tidy")
		p.report(server, "etcd", Options{Merge: true, Split: true}, "./...", etcd+"client/v3/...")
		p.run(server, "go", "vet", "-p=2", "./...")
		p.test(server, "./etcdserver/api/v3rpc/...", "./proxy/grpcproxy/...")
	})
}

// needs adds the runtime of the stubs to the module in dir.
func (p *project) needs(dir string) {
	p.t.Helper()
	p.run(dir, "go", "mod", "edit", "-require=github.com/gohostrpc/gohost@v0.0.0", "-replace=github.com/gohostrpc/gohost="+root(p.t))
}
