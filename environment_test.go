package gohost_test

import (
	"strings"
	"testing"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestCheckEnvironment(t *testing.T) {
	for value, want := range map[string]string{
		"": "",
		"squarerpc_service.SquareService=x.example,*=y.example": "",
		"feed.RedisStream=x.example":                            "", // linked into this program
		"squarerpc_service.SquareServic=x.example":              "no service of this program matches: it has squarerpc_service.SquareService",
		"SquareService=x.example":                               "no service of this program matches: it has squarerpc_service.SquareService",
		"squarerpc_service.SquareService=a b":                   `invalid host "a b"`,
	} {
		t.Setenv("GOHOST_HOSTS", value)
		err := gohost.CheckEnvironment()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: error = %v, want %q", value, err, want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "gohost.CheckEnvironment: environment variable GOHOST_HOSTS: entry ") {
			t.Errorf("%q: error = %v", value, err)
		}
	}
	// A program may list its services.
	t.Setenv("GOHOST_HOSTS", "squarerpc_service.SquareService=x.example,feed.RedisStream=y.example")
	err := gohost.CheckEnvironment(&squares.SquareServiceHosts)
	const want = `entry "feed.RedisStream=y.example": no service of this program matches: it has squarerpc_service.SquareService`
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error = %v, want %s", err, want)
	}
}
