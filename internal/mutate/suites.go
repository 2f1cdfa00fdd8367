package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// suite is the bugs of a package, and the tests that find them.
type suite struct {
	name     string
	bugs     []bug
	module   string // the folder of its module, in which the tests run; "" for the root
	packages string // the packages whose tests find the bugs, as arguments of "go test"
	slow     bool   // whether the tests compile programs
	race     bool   // whether the package promises anything about concurrency
}

// suites are all suites, in the order of the table.
var suites = []suite{
	{name: "root", bugs: rootBugs, packages: ". ./internal/implementation ./internal/private", race: true},
	{name: "stub", bugs: stubBugs, packages: "./stub ./stream", race: true},
	{name: "stream", bugs: streamBugs, packages: "./stub ./stream", race: true},
	{name: "resume", bugs: resumeBugs, packages: "./stream", race: true},
	{name: "drain", bugs: drainBugs, packages: "./drain", race: true},
	{name: "vtcodec", bugs: vtcodecBugs, module: "bench", packages: "./codec github.com/gohostrpc/gohost/vtcodec"},
	{name: "gateway", bugs: gatewayBugs, packages: "./gateway ./internal/frame ./internal/private", race: true},
	{name: "connscale", bugs: connscaleBugs, packages: "./connscale -skip=TestChaos|TestAServerThatWears|OfLittleAge", race: true}, // without tests that take seconds
	{name: "streamlimit", bugs: streamlimitBugs, packages: "./internal/streamlimit"},
	{name: "hostname", bugs: hostnameBugs, packages: "./internal/hostname"},
	{name: "routing", bugs: routingBugs, packages: "./internal/routing"},
	{name: "proxy", bugs: proxyBugs, packages: "./generator/proxy"},
	{name: "meshes", bugs: meshBugs, packages: "./generator/proxy"},
	{name: "proxy for Traefik", bugs: traefikBugs, packages: "./generator/proxy"},
	{name: "proxy", bugs: slices.Concat(proxyBugs, proxyServerBugs), packages: "./generator/proxy"},
	{name: "options", bugs: optionBugs, packages: "./internal/extension ./internal/protocplugin ./generator ./generator/proxy -run=Option|Unknown|Message|String|Warn|Host|Declaration|Invalid|Golden"},
	{name: "apilist", bugs: apilistBugs, packages: "./internal/apilist"},
	{name: "gohostvet", bugs: gohostvetBugs, module: "cmd/gohostvet", packages: "./..."},
	{name: "gohostmigrate", bugs: slices.Concat(migrateClientBugs, migrateServerBugs), module: "cmd/gohostvet", packages: "./internal/migrate -run=Cases", slow: true},
	{name: "gohostconnect", bugs: connectBugs, module: "gohostconnect", packages: "./...", race: true},
	{name: "feed", bugs: feedBugs, module: "examples/feed", packages: "./...", race: true},
}

// test runs the tests, and returns their output. It runs them first without the race
// detector, which is faster and finds most bugs.
func (s suite) test(flags ...string) (string, error) {
	detectors := [][]string{{"-race=false", "-timeout=40s"}}
	if s.slow {
		detectors[0][1] = "-timeout=150s"
	}
	if s.race { // about ten times slower
		detectors = append(detectors, []string{"-race", "-timeout=150s"})
	}
	for _, detector := range detectors {
		args := slices.Concat([]string{"test", "-vet=off", "-failfast", "-count=1"}, detector, flags)
		cmd := exec.Command("go", append(args, strings.Fields(s.packages)...)...)
		cmd.Dir = s.module
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out), err
		}
	}
	return "", nil
}

// check returns an error if the tests of s fail without a bug.
func (s suite) check() error {
	if out, err := s.test(); err != nil {
		return fmt.Errorf("%s: the tests fail without a bug: %w\n%s", s.name, err, out)
	}
	return nil
}
