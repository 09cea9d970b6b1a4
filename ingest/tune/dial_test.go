package tune

import (
	"net"
	"testing"
)

// The guard is tested by itself: the public addresses among these must not be called from a test.
func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	tests := map[string]bool{
		"8.8.8.8": true, "93.184.216.34": true, "2606:4700::1111": true, "2001:4860:4860::8888": true, "64:ff9b::808:808": true, "2002:808:808::1": true,

		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "192.0.0.1": false, "192.0.2.1": false, "198.18.0.1": false,
		"198.51.100.1": false, "203.0.113.1": false, "192.88.99.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,

		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false, "fec0::1": false, "ff02::1": false,
		"2001:db8::1": false, "2001::1": false, "100::1": false, "3fff::1": false,

		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "::127.0.0.1": false, "::10.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "2002:7f00:1::1": false, "2002:a9fe:a9fe::1": false,
	}
	for ip, public := range tests {
		err := guard(false)("tcp", net.JoinHostPort(ip, "443"), nil)
		if (err == nil) != public {
			t.Errorf("%s: %v", ip, err)
		}
	}
}

func TestTheSwitchOpensLoopbackOnly(t *testing.T) {
	tests := map[string]bool{"127.0.0.1": true, "::1": true, "::ffff:127.0.0.1": true, "10.0.0.1": false, "169.254.169.254": false, "64:ff9b::7f00:1": false}
	for ip, open := range tests {
		err := guard(true)("tcp", net.JoinHostPort(ip, "443"), nil)
		if (err == nil) != open {
			t.Errorf("%s: %v", ip, err)
		}
	}
	if err := guard(true)("unix", "/var/run/socket", nil); err == nil {
		t.Error("a socket is dialled")
	}
}
