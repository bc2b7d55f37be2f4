import type { CodegenConfig } from '@graphql-codegen/cli'

/** Types and document texts of every operation under src, checked against the schema that the server prints. */
const config: CodegenConfig = {
	schema: '../server/schema.graphql',
	documents: 'src/**/*.graphql',
	generates: {
		'src/graphql/generated/': {
			preset: 'client',
			presetConfig: { fragmentMasking: false, skipIndexFile: true },
			config: {
				documentMode: 'string',
				enumType: 'string-literal',
				immutableTypes: true,
				importExtension: '.ts',
				strictScalars: true,
				scalars: { Cursor: 'string', DateTime: 'string', JsonText: 'string' },
				useTypeImports: true,
			},
		},
	},
}

export default config
