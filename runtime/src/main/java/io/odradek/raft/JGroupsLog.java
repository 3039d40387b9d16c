package io.odradek.raft;

import java.util.IllegalFormatException;
import org.jboss.logging.Logger;
import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;

/** JGroups' log on JBoss Logging, whatever other logging libraries happen to be on the class path. */
final class JGroupsLog implements Log {
    private final Logger logger;

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
        log(Logger.Level.WARN, null, msg);
    }

    @Override
    public void warn(String format, Object... args) {
        log(Logger.Level.WARN, null, format, args);
    }

    @Override
    public void warn(String msg, Throwable cause) {
        log(Logger.Level.WARN, cause, msg);
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
