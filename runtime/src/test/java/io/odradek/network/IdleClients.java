package io.odradek.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;

/** A process that opens connections and does nothing with them, since one process may not open enough files for both ends. */
final class IdleClients implements AutoCloseable {
    private final Process process;

    private IdleClients(Process process) {
        this.process = process;
    }

    static IdleClients connect(int port, int connections) throws IOException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        Path.of(IdleClients.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .getPath())
                                .toString(),
                        IdleClients.class.getName(),
                        String.valueOf(port),
                        String.valueOf(connections))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.getInputStream().read() != '.') {
            throw new IOException("the clients could not connect");
        }
        return new IdleClients(process);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws IOException {
        var open = new ArrayList<SocketChannel>();
        for (int i = Integer.parseInt(arguments[1]); i > 0; i--) {
            open.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]))));
        }
        System.out.print('.');
        System.out.flush();
        var ignored = System.in.read(); // until the test ends
    }
}
