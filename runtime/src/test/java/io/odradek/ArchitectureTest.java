package io.odradek;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The order of the packages: an arrow may only go down (docs/architecture.md). */
class ArchitectureTest {
    /** From the ground up. */
    private static final List<String> ORDER = List.of(
            "config",
            "log",
            "metadata",
            "raft",
            "replication",
            "plugin",
            "security",
            "coordinator",
            "group",
            "transaction",
            "api",
            "network",
            "broker",
            "http",
            "cli",
            "app");

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.odradek");
    }

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        var unknown = classes.stream()
                .map(c -> c.getPackageName().split("\\."))
                .filter(p -> p.length > 2)
                .map(p -> p[2])
                .filter(p -> !ORDER.contains(p) && !List.of("spi", "plugins").contains(p))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<String>(), unknown);
    }

    @Test
    void arrowsOnlyGoDown() {
        for (int i = 0; i < ORDER.size() - 1; i++) {
            var above = ORDER.subList(i + 1, ORDER.size()).stream()
                    .map(p -> "io.odradek." + p + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.odradek." + ORDER.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .allowEmptyShould(true)
                    .check(classes);
        }
    }

    @Test
    void onlyRaftKnowsJGroups() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.odradek.raft..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.jgroups..")
                .check(classes);
    }

    @Test
    void onlyHttpAndAppKnowTheContainer() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.odradek.http..", "io.odradek.app..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.inject..", "jakarta.enterprise..", "io.quarkus..")
                .check(classes);
    }

    @Test
    void pluginsAreReachedThroughTheSpiAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.odradek.plugins..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.odradek.plugins..")
                .check(classes);
    }
}
