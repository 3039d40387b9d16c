package io.odradek.raft;

import java.util.IllegalFormatException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;

/**
 * JGroups' log on JBoss Logging, whatever other logging libraries happen to be on the class path. Warnings of one kind are
 * logged now and then, and as debug messages in between: whoever connects without being a node could write many.
 */
final class JGroupsLog implements Log {
    private static final long SAME_WARNING_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** Kinds are few; some have no format, and count by how they begin. */
    private static final int MAX_KINDS = 100;

    private static final int BEGINNING = 24;
    /** How JGroups notices that the other side closes a connection. */
    private static final List<String> ENDS = List.of("Stream closed", "Socket closed", "EOFException");

    private final Logger logger;
    private final Map<String, Long> warned = new ConcurrentHashMap<>();

    JGroupsLog(Logger logger) {
        this.logger = logger;
    }

    /** Must run before any class of JGroups is initialised: they keep their loggers in statics. */
    static void install() {
        if (LogFactory.getCustomLogFactory() == null) {
            LogFactory.setCustomLogFactory(new CustomLogFactory() {
                @Override
                public Log getLog(Class<?> type) {
                    return new JGroupsLog(Logger.getLogger(type));
                }

                @Override
                public Log getLog(String category) {
                    return new JGroupsLog(Logger.getLogger(category));
                }
            });
        }
    }

    private void log(Logger.Level level, Throwable cause, String format, Object... args) {
        if (logger.isEnabled(level)) {
            logger.log(level, text(format, args), cause);
        }
    }

    private void warning(Throwable cause, String format, Object... args) {
        var text = text(format, args);
        log(isNews(format, text) ? Logger.Level.WARN : Logger.Level.DEBUG, cause, "%s", text);
    }

    private boolean isNews(String format, String text) {
        if (ENDS.stream().anyMatch(text::contains)) {
            return false;
        }
        var kind = format.substring(0, Math.min(BEGINNING, format.length()));
        long now = System.nanoTime();
        var last = warned.get(kind);
        if (last != null && now - last < SAME_WARNING_NANOS || last == null && warned.size() >= MAX_KINDS) {
            return false;
        }
        warned.put(kind, now);
        return true;
    }

    private static String text(String format, Object... args) {
        try {
            return args.length == 0 ? format : String.format(format, args);
        } catch (IllegalFormatException e) {
            return format;
        }
    }

    @Override
    public boolean isFatalEnabled() {
        return logger.isEnabled(Logger.Level.FATAL);
    }

    @Override
    public boolean isErrorEnabled() {
        return logger.isEnabled(Logger.Level.ERROR);
    }

    @Override
    public boolean isWarnEnabled() {
        return logger.isEnabled(Logger.Level.WARN);
    }

    @Override
    public boolean isInfoEnabled() {
        return logger.isInfoEnabled();
    }

    @Override
    public boolean isDebugEnabled() {
        return logger.isDebugEnabled();
    }

    @Override
    public boolean isTraceEnabled() {
        return logger.isTraceEnabled();
    }

    @Override
    public void fatal(String msg) {
        log(Logger.Level.FATAL, null, msg);
    }

    @Override
    public void fatal(String format, Object... args) {
        log(Logger.Level.FATAL, null, format, args);
    }

    @Override
    public void fatal(String msg, Throwable cause) {
        log(Logger.Level.FATAL, cause, msg);
    }

    @Override
    public void error(String msg) {
        log(Logger.Level.ERROR, null, msg);
    }

    @Override
    public void error(String format, Object... args) {
        log(Logger.Level.ERROR, null, format, args);
    }

    @Override
    public void error(String msg, Throwable cause) {
        log(Logger.Level.ERROR, cause, msg);
    }

    @Override
    public void warn(String msg) {
        warning(null, msg);
    }

    @Override
    public void warn(String format, Object... args) {
        warning(null, format, args);
    }

    @Override
    public void warn(String msg, Throwable cause) {
        warning(cause, msg);
    }

    @Override
    public void info(String msg) {
        log(Logger.Level.INFO, null, msg);
    }

    @Override
    public void info(String format, Object... args) {
        log(Logger.Level.INFO, null, format, args);
    }

    @Override
    public void debug(String msg) {
        log(Logger.Level.DEBUG, null, msg);
    }

    @Override
    public void debug(String format, Object... args) {
        log(Logger.Level.DEBUG, null, format, args);
    }

    @Override
    public void debug(String msg, Throwable cause) {
        log(Logger.Level.DEBUG, cause, msg);
    }

    @Override
    public void trace(Object object) {
        log(Logger.Level.TRACE, null, String.valueOf(object));
    }

    @Override
    public void trace(String msg) {
        log(Logger.Level.TRACE, null, msg);
    }

    @Override
    public void trace(String format, Object... args) {
        log(Logger.Level.TRACE, null, format, args);
    }

    @Override
    public void trace(String msg, Throwable cause) {
        log(Logger.Level.TRACE, cause, msg);
    }

    /** Levels are the business of the logging configuration. */
    @Override
    public void setLevel(String level) {}

    @Override
    public String getLevel() {
        return "";
    }
}
