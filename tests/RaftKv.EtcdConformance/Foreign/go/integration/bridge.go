package integration

import (
	"net"
	"sync"
)

// bridge carries connections to a fixed address, and breaks, holds up or swallows them when a test says so.
type bridge struct {
	listener net.Listener
	target   string
	done     sync.WaitGroup

	mu        sync.Mutex
	free      *sync.Cond
	open      map[net.Conn]net.Conn
	isClosed  bool
	isPaused  bool
	isHole    bool
	isSevered bool
}

func newBridge(listen, target string) (*bridge, error) {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, err
	}
	b := &bridge{listener: listener, target: target, open: make(map[net.Conn]net.Conn)}
	b.free = sync.NewCond(&b.mu)
	b.done.Add(1)
	go b.accept()
	return b, nil
}

func (b *bridge) addr() string { return b.listener.Addr().String() }

func (b *bridge) close() {
	b.set(func() { b.isClosed = true })
	b.listener.Close()
	b.reset()
	b.done.Wait()
}

// reset breaks the connections that there are.
func (b *bridge) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for in, out := range b.open {
		in.Close()
		out.Close()
	}
}

// pause lets new connections wait.
func (b *bridge) pause(on bool) { b.set(func() { b.isPaused = on }) }

// hole takes bytes and passes none on; when it ends, the connections break.
func (b *bridge) hole(on bool) {
	b.set(func() { b.isHole = on })
	if !on {
		b.reset()
	}
}

// sever refuses connections, old and new.
func (b *bridge) sever(on bool) {
	b.set(func() { b.isSevered = on })
	if on {
		b.reset()
	}
}

func (b *bridge) set(change func()) {
	b.mu.Lock()
	change()
	b.free.Broadcast()
	b.mu.Unlock()
}

func (b *bridge) accept() {
	defer b.done.Done()
	for {
		in, err := b.listener.Accept()
		if err != nil {
			return
		}
		b.done.Add(1)
		go b.carry(in)
	}
}

func (b *bridge) carry(in net.Conn) {
	defer b.done.Done()
	defer in.Close()
	if !b.mayPass() {
		return
	}
	out, err := net.Dial("tcp", b.target)
	if err != nil {
		return
	}
	defer out.Close()
	b.mu.Lock()
	if b.isClosed || b.isSevered {
		b.mu.Unlock()
		return
	}
	b.open[in] = out
	b.mu.Unlock()
	var both sync.WaitGroup
	both.Add(2)
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		go func(from, to net.Conn) {
			b.pump(from, to)
			in.Close()
			out.Close()
			both.Done()
		}(way[0], way[1])
	}
	both.Wait()
	b.mu.Lock()
	delete(b.open, in)
	b.mu.Unlock()
}

func (b *bridge) mayPass() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.isPaused && !b.isClosed {
		b.free.Wait()
	}
	return !b.isClosed && !b.isSevered
}

func (b *bridge) pump(from, to net.Conn) {
	buffer := make([]byte, 32*1024)
	for {
		// As in etcd's bridge, what a read under way brings still passes.
		b.mu.Lock()
		swallow := b.isHole
		b.mu.Unlock()
		n, err := from.Read(buffer)
		if n > 0 && !swallow {
			if _, werr := to.Write(buffer[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
