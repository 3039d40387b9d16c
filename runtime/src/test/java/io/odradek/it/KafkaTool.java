package io.odradek.it;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.utils.Exit;

/**
 * Apache Kafka's command-line tools, unmodified, one after the other in the JVM of the tests: most of a tool's time is that
 * of its JVM otherwise. Not thread-safe: while a tool runs, standard output and Kafka's way to exit are its own.
 */
public final class KafkaTool {
    private final String mainClass;
    private final String bootstrap;

    /** @param bootstrap given to the tool as {@code --bootstrap-server} */
    public KafkaTool(String mainClass, String bootstrap) {
        this.mainClass = mainClass;
        this.bootstrap = bootstrap;
    }

    /** Ends the tool where it wanted to end the JVM. */
    private static final class Exited extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exited() {
            super(null, null, false, false);
        }
    }

    /** What it printed, after checking that it ended well. */
    public String run(String... arguments) throws Exception {
        return outcome(arguments).expectSuccess();
    }

    Commands.Outcome outcome(String... arguments) throws Exception {
        var all = new String[arguments.length + 2];
        all[0] = "--bootstrap-server";
        all[1] = bootstrap;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        var printed = new ByteArrayOutputStream();
        // Some tools catch whatever they have thrown: the first exit counts.
        var exit = new AtomicReference<Commands.Outcome>();
        var out = System.out;
        var err = System.err;
        try (var capture = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(capture);
            System.setErr(capture);
            Exit.setExitProcedure((status, message) -> {
                var text = printed.toString(StandardCharsets.UTF_8) + (message == null ? "" : message);
                exit.compareAndSet(null, new Commands.Outcome(status, text));
                throw new Exited();
            });
            main(all);
        } finally {
            Exit.resetExitProcedure();
            System.setOut(out);
            System.setErr(err);
        }
        return exit.get() != null ? exit.get() : new Commands.Outcome(0, printed.toString(StandardCharsets.UTF_8));
    }

    private void main(String[] arguments) throws Exception {
        try {
            Class.forName(mainClass).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof Exited)) {
                throw new IllegalStateException(mainClass + " failed", e.getCause());
            }
        }
    }
}
