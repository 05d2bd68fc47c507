package server

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

const maxPort = 65535

// numericIP is the listen address for a flag's value: the server's
// configuration takes addresses only, and "localhost" is what people type.
func numericIP(flag, value string) (string, error) {
	switch value {
	case "":
		return DefaultIP, nil
	case "localhost":
		return DefaultIP, nil
	}
	ip := net.ParseIP(value)
	if ip == nil {
		return "", fmt.Errorf("%s %q is not an IP address: use %s", flag, value, DefaultIP)
	}
	return ip.String(), nil
}

// dialable is the address to dial for a listener on ip.
func dialable(ip string) string {
	switch {
	case ip == "":
		return DefaultIP
	case net.ParseIP(ip).IsUnspecified():
		return DefaultIP
	}
	return ip
}

func portOrFree(flag string, port int) (int, error) {
	if port < 0 || port > maxPort {
		return 0, fmt.Errorf("%s %d is not a port: use 1 to %d, or 0 for a free one", flag, port, maxPort)
	}
	if port != 0 {
		return port, nil
	}
	ports, err := freePorts(1)
	if err != nil {
		return 0, err
	}
	return ports[0], nil
}

// freePorts finds n different loopback ports that are free now. The Temporal
// libraries take numbers and not listeners, so another process could take one
// in between; the kernel is made unlikely to hand it out (see reserve).
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range n {
		port, err := reserve()
		if err != nil {
			return nil, fmt.Errorf("find a free loopback port: %w", err)
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// reserve binds a free port and leaves one connection of it in TIME_WAIT. For
// the next minute Linux gives such a port to nobody who asks for any free one,
// while binding it by number still works.
func reserve() (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(DefaultIP, "0"))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	dialed, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return 0, err
	}
	defer dialed.Close()
	accepted, err := listener.Accept()
	if err != nil {
		return 0, err
	}
	// The side that closes first keeps TIME_WAIT; it must be the listener's.
	if err := accepted.Close(); err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func checkPort(flag, ip string, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d on %s is in use: choose another with %s", port, ip, flag)
	case err != nil:
		return fmt.Errorf("listen on port %d of %s (%s): %w", port, ip, flag, err)
	}
	return listener.Close()
}
