import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.opensearch.Version;
import org.opensearch.analysis.common.CommonAnalysisModulePlugin;
import org.opensearch.index.mapper.MapperExtrasModulePlugin;
import org.opensearch.index.reindex.ReindexModulePlugin;
import org.opensearch.painless.PainlessModulePlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.PluginInfo;
import org.opensearch.transport.Netty4ModulePlugin;

/** What a node of OpenSearch 3 loads of the modules that come with every distribution. */
final class Modules {
    static Collection<PluginInfo> ofServer() {
        return Stream.<Class<? extends Plugin>>of(
            Netty4ModulePlugin.class,
            CommonAnalysisModulePlugin.class,
            PainlessModulePlugin.class,
            MapperExtrasModulePlugin.class,
            ReindexModulePlugin.class
        ).map(Modules::described).toList();
    }

    private static PluginInfo described(Class<? extends Plugin> module) {
        String name = module.getName();
        return new PluginInfo(name, "a module", "1", Version.CURRENT, "21", name, null, List.of(), false);
    }
}
