package io.odradek.raft;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.jboss.logging.Logger;
import org.jgroups.logging.Log;

/** In the native executable: JGroups' own factory refers to Log4j, which is not there. */
@TargetClass(className = "org.jgroups.logging.LogFactory")
final class LogFactorySubstitution {
    private LogFactorySubstitution() {}

    @Substitute
    public static Log getLog(Class<?> type) {
        return new JGroupsLog(Logger.getLogger(type));
    }
}
